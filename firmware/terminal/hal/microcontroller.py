"""What all microcontroller boards share: UARTs as streams, the key slot, the board.

A board's own module brings its pins and its flash.
"""

import json
import os
import sys
import time

from terminal.constant import const
from terminal.hal.connections import Connection
from terminal.messages.cmac import CmacKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    import machine

    from terminal.hal.contract import Flash, MacKey, SecureSlot, SecureStream, Stream

_KEY_BYTES = const(16)
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


class KeySlot:
    """The terminal's key in this program's memory: only its MACs leave this object.

    Args:
        text: 32 hexadecimal digits.
    """

    def __init__(self, text: str) -> None:
        if len(text) != 2 * _KEY_BYTES:
            raise ValueError("terminal key must be 32 hexadecimal digits")
        self._key = CmacKey(bytearray(int(text[at : at + 2], 16) for at in range(0, len(text), 2)))

    def mac(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        """AES-CMAC over the first `length` bytes, leftmost 8 bytes."""
        return self._key.cmac8(buffer, length)

    def derive(self, fixed_input: bytes) -> "MacKey":
        """A key of this one, for `fixed_input`."""
        return self._key.derive(fixed_input)


class Board:
    """A terminal on a microcontroller, less its way to the switch.

    Args:
        folder: a mounted folder with `config.json`, `terminal.key` and the files that the settings name.
        flash: where the journal lies.
        uarts: devices by name; two names may share a UART that one only reads and the other only writes.

    Raises:
        OSError: a file is missing or damaged.
        ValueError: the settings or the key are not readable.
    """

    def __init__(self, folder: str, flash: "Flash", uarts: "dict[str, machine.UART]") -> None:
        self._folder = folder
        with open(folder + "/config.json") as file:
            self.settings: "dict[str, object]" = json.load(file)
        with open(folder + "/terminal.key") as file:
            self.secure: "SecureSlot" = KeySlot(file.read().strip())
        self.flash = flash
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

    async def open_device(self, name: str) -> "Stream":
        """The UART that the peripheral hangs on."""
        uart = self._uarts.get(name)
        if uart is None:
            raise OSError("no such device")
        return UartStream(uart)

    def start_tls(self, stream: "Stream", server_name: str) -> "SecureStream":
        """TLS with the certificates that the settings name, as DER files."""
        from terminal.hal.tls_stream import TlsStream, context_of  # noqa: PLC0415  (not every board has TLS)

        return TlsStream(stream, context_of(self._read), server_name)

    def credential(self, name: str) -> str:
        """The first line of the file that the setting `name` names."""
        return self._read(name).decode().strip()

    def _read(self, name: str) -> bytes:
        path = self.settings.get(name)
        if not isinstance(path, str) or not path:
            return b""
        with open(self._folder + "/" + path, "rb") as file:
            content: bytes = file.read()
            return content

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
