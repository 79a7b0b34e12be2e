"""What all microcontroller boards share: UARTs as streams, and the board.

A board's own module brings its pins and its flash.
"""

from terminal.constant import const
from terminal.hal.connections import Connection
from terminal.hal.folder_board import FolderBoard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import machine

    from terminal.hal.contract import Flash, Stream

    # Names and blocks in the order in which they lie: journal, settings (4), keys (2), then what there is
    # room for of boot_log (2), parameters (2) and slots.
    PartTable = Sequence[tuple[str, int]]

_DROPPED_BYTES = const(64)
_SETTINGS_BLOCKS = const(4)


class UartStream(Connection):
    """One UART; closing it lets go of nothing, since the wires stay.

    Args:
        uart: it must not wait: made with a timeout of 0.
    """

    def __init__(self, uart: "machine.UART") -> None:
        super().__init__(uart)  # type: ignore[arg-type]  # it is never closed
        self._uart = uart

    def clear(self) -> None:
        """Drop what was received before somebody listened."""
        while self._uart.any():
            self._uart.read(_DROPPED_BYTES)

    def close(self) -> None:
        """Nothing to do."""


class Board(FolderBoard):
    """A terminal on a microcontroller, less its way to the switch.

    Args:
        folder: a mounted folder with `config.json`, and see `FolderBoard`.
        flash: so many blocks of the terminal's own flash, from one on.
        parts: what lies there.
        uarts: devices by name; two names may share a UART that one only reads and the other only writes.
        case_switch: high while the case is open.

    Raises:
        OSError: a file or a part is missing or damaged.
        ValueError: the settings are not readable.
    """

    def __init__(
        self,
        folder: str,
        flash: "Callable[[int, int], Flash]",
        parts: "PartTable",
        uarts: "dict[str, machine.UART]",
        case_switch: "machine.Pin | None" = None,
    ) -> None:
        super().__init__(folder, "config.json")
        self._flash_of = flash
        self._parts = parts
        self._uarts = uarts
        self._case_switch = case_switch
        self.flash = self.part("journal", 0)
        self.settings_flash = self.part("settings", _SETTINGS_BLOCKS)
        from terminal.hal.keys_at_start import take_keys  # noqa: PLC0415  (once)

        take_keys(self)

    def case_is_open(self) -> bool:
        """What the switch says; False without one."""
        return self._case_switch is not None and self._case_switch.value() == 1

    def has_device(self, name: str) -> bool:
        """Whether the pin map has it."""
        return name in self._uarts

    async def open_device(self, name: str) -> "Stream":
        """The UART that the peripheral hangs on."""
        uart = self._uarts.get(name)
        if uart is None:
            raise OSError("no such device")
        return UartStream(uart)

    def part(self, name: str, block_count: int) -> "Flash":
        """A part of the flash; 0 blocks are as many as it has.

        Raises:
            OSError: this board has none, or it is of another size.
        """
        first = 0
        for own, count in self._parts:
            if own == name and block_count in (0, count):
                return self._flash_of(first, count)
            first += count
        raise OSError("no such part")


class ModemBoard(Board):
    """A board whose way to the switch is a modem on a UART, spoken to as the device `modem`."""

    async def open_link(self, host: str, port: int) -> "Stream":
        """There is no network of its own.

        Raises:
            OSError: always; the route through the modem opens that as a device.
        """
        raise OSError("no network")
