"""What all microcontroller boards share: UARTs as streams, the key slot, the board.

A board's own module brings its pins and its flash.
"""

import json
import os
import sys
import time

from terminal.constant import const
from terminal.hal.connections import Connection
from terminal.hal.font_file import open_font
from terminal.hal.key_slot import KeySlot, terminal_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    import machine

    from terminal.hal.contract import Flash, FontSource, SecureSlot, SecureStream, Stream

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


class Board:
    """A terminal on a microcontroller, less its way to the switch.

    Args:
        folder: a mounted folder with `config.json`, `terminal.key`, the files that the settings name, and
            `pin.key` where customers key in PINs.
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
        self._folder = folder
        with open(folder + "/config.json") as file:
            self.settings: "dict[str, object]" = json.load(file)
        self.secure: "SecureSlot" = terminal_slot(folder)
        self.flash = flash
        self.settings_flash = settings_flash
        self._uarts = uarts

    def log(self, event: str, **fields: object) -> None:
        """One JSON line on the console."""
        fields["event"] = event
        fields["ticks_ms"] = time.ticks_ms()
        print(json.dumps(fields))

    def ticks_ms(self) -> int:
        """Monotonic milliseconds, wrapping."""
        return time.ticks_ms()

    def ticks_since(self, then: int) -> int:
        """Milliseconds from the tick `then` to now."""
        return time.ticks_diff(time.ticks_ms(), then)

    def wall_seconds(self) -> int:
        """Seconds since 1970 UTC by the board's clock, which may stand at its own beginning until sign-on."""
        return time.time_ns() // 1_000_000_000

    def random(self, limit: int) -> int:
        """0 to `limit` - 1; a bias of limit / 2^32 is nothing to a backoff."""
        return int.from_bytes(os.urandom(4), "big") % limit

    def has_device(self, name: str) -> bool:
        """Whether the pin map has it."""
        return name in self._uarts

    async def open_device(self, name: str) -> "Stream":
        """The UART that the peripheral hangs on."""
        uart = self._uarts.get(name)
        if uart is None:
            raise OSError("no such device")
        return UartStream(uart)

    def open_font(self, name: str) -> "FontSource":
        """The font in the image, or its file beside the modules."""
        return open_font(name)

    def start_tls(self, stream: "Stream", server_name: str) -> "SecureStream":
        """TLS with the certificates that the settings name, as DER files."""
        from terminal.hal.tls_stream import TlsStream, context_of  # noqa: PLC0415  (not every board has TLS)

        return TlsStream(stream, context_of(self.file), server_name)

    def credential(self, name: str) -> str:
        """The first line of the file that the setting `name` names."""
        return self.file(name).decode().strip()

    def key_slot(self, name: str) -> "SecureSlot | None":
        """A further key, in the file that the setting `name` names."""
        text = self.credential(name)
        return KeySlot(text) if text else None

    def file(self, name: str) -> bytes:
        """What is in the file that the setting `name` names."""
        path = self.settings.get(name)
        if not isinstance(path, str) or not path:
            return b""
        with open(self._folder + "/" + path, "rb") as file:
            content: bytes = file.read()
            return content

    def part(self, name: str, block_count: int) -> "Flash":
        """A further part of the flash; a board that has some says so.

        Raises:
            OSError: always.
        """
        raise OSError("no such part")

    def power_off(self) -> None:
        """End the program."""
        sys.exit(0)


class ModemBoard(Board):
    """A board whose way to the switch is a modem on a UART, spoken to as the device `modem`."""

    async def open_link(self, host: str, port: int) -> "Stream":
        """There is no network of its own.

        Raises:
            OSError: always; the route through the modem opens that as a device.
        """
        raise OSError("no network")
