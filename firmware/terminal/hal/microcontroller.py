"""What all microcontroller boards share: UARTs as streams, and the board.

A board's own module brings its pins and its flash.
"""

from terminal.constant import const
from terminal.hal.connections import Connection
from terminal.hal.folder_board import FolderBoard

TYPE_CHECKING = False
if TYPE_CHECKING:
    import machine

    from terminal.hal.contract import Flash, Stream

_DROPPED_BYTES = const(64)


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
        flash: where the journal lies.
        settings_flash: four blocks for what is set on the terminal.
        uarts: devices by name; two names may share a UART that one only reads and the other only writes.

    Raises:
        OSError: a file is missing or damaged.
        ValueError: the settings or the key are not readable.
    """

    def __init__(
        self, folder: str, flash: "Flash", settings_flash: "Flash", uarts: "dict[str, machine.UART]"
    ) -> None:
        super().__init__(folder, "config.json")
        self.flash = flash
        self.settings_flash = settings_flash
        self._uarts = uarts

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
        """A further part of the flash; a board that has some says so.

        Raises:
            OSError: always.
        """
        raise OSError("no such part")


class ModemBoard(Board):
    """A board whose way to the switch is a modem on a UART, spoken to as the device `modem`."""

    async def open_link(self, host: str, port: int) -> "Stream":
        """There is no network of its own.

        Raises:
            OSError: always; the route through the modem opens that as a device.
        """
        raise OSError("no network")
