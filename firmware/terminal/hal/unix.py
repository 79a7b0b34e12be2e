"""The terminal on a Unix machine: peripherals are loopback sockets; flash and key slot are files."""

import json
import os
import sys
import time

from terminal.constant import const
from terminal.hal.connections import connect
from terminal.messages.cmac import CmacKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash, MacKey, SecureSlot, SecureStream, Stream


_BLOCK_BYTES = const(4096)
_BLOCK_COUNT = const(32)
_KEY_BYTES = const(16)


class FileFlash:
    """A file that behaves as NOR flash. `flush` on MicroPython's POSIX files is fsync(2)."""

    block_bytes = _BLOCK_BYTES
    block_count = _BLOCK_COUNT

    def __init__(self, path: str) -> None:
        size = _BLOCK_BYTES * _BLOCK_COUNT
        self._scratch = bytearray(64)
        try:
            self._file = open(path, "r+b")  # noqa: SIM115  (held as long as the terminal runs)
        except OSError:
            fresh = path + ".new"
            with open(fresh, "wb") as blank:
                page = b"\xff" * 512
                for _ in range(size // 512):
                    blank.write(page)
                blank.flush()
            os.rename(fresh, path)
            self._file = open(path, "r+b")  # noqa: SIM115
        if self._file.seek(0, 2) != size:
            raise OSError("flash file has the wrong size")

    def read(self, address: int, into: bytearray | memoryview) -> None:
        """Fill `into` from `address`."""
        self._file.seek(address)
        if self._file.readinto(into) != len(into):
            raise OSError("flash read past the end")

    def program(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Write over erased bytes and reach the disk before returning."""
        scratch = memoryview(self._scratch)
        checked = 0
        while checked < len(data):
            step = min(len(scratch), len(data) - checked)
            self.read(address + checked, scratch[:step])
            for value in scratch[:step]:
                if value != 0xFF:
                    raise OSError("flash is not erased")
            checked += step
        self._file.seek(address)
        self._file.write(data)
        self._file.flush()

    def erase(self, block: int) -> None:
        """Set one block to 0xFF."""
        self._file.seek(block * _BLOCK_BYTES)
        page = b"\xff" * 512
        for _ in range(_BLOCK_BYTES // 512):
            self._file.write(page)
        self._file.flush()


class KeyFileSlot:
    """The terminal key. Only its MACs leave this object."""

    def __init__(self, path: str) -> None:
        with open(path) as file:
            text = file.read().strip()
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
    """One terminal. `config_path` names its settings; flash and key lie beside it."""

    def __init__(self, config_path: str) -> None:
        slash = config_path.rfind("/")
        folder = self._folder = config_path[:slash] if slash >= 0 else "."
        with open(config_path) as file:
            self.settings: "dict[str, object]" = json.load(file)
        self._devices: "dict[str, int]" = self.settings["devices"]
        self.flash: "Flash" = FileFlash(folder + "/flash.bin")
        self.secure: "SecureSlot" = KeyFileSlot(folder + "/terminal.key")

    def log(self, event: str, **fields: object) -> None:
        """One JSON line on standard output."""
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
        """Seconds since 1970 UTC by this machine's clock."""
        return time.time_ns() // 1_000_000_000

    def random(self, limit: int) -> int:
        """0 to `limit` - 1; a bias of limit / 2^32 is nothing to a backoff."""
        return int.from_bytes(os.urandom(4), "big") % limit

    async def open_device(self, name: str) -> "Stream":
        """Connect to the socket that stands for the peripheral."""
        return await connect("127.0.0.1", self._devices[name])

    async def open_link(self, host: str, port: int) -> "Stream":
        """Connect to the switch; a refusal shows at the first read or write."""
        return await connect(host, port)

    def start_tls(self, stream: "Stream", server_name: str) -> "SecureStream":
        """TLS with the certificates that the settings name, as DER files."""
        from terminal.hal.tls_stream import TlsStream, context_of  # noqa: PLC0415  (a plain link spares its heap)

        return TlsStream(stream, context_of(self._read), server_name)

    def credential(self, name: str) -> str:
        """The first line of the file that the setting `name` names."""
        return self._read(name).decode().strip()

    def _read(self, name: str) -> bytes:
        path = self.settings.get(name)
        if not isinstance(path, str) or not path:
            return b""
        with open(path if path[0] == "/" else self._folder + "/" + path, "rb") as file:
            content: bytes = file.read()
            return content

    def power_off(self) -> None:
        """End the process."""
        sys.exit(0)


def make(config_path: str) -> Board:
    """Build the board from the settings file at `config_path`.

    Raises:
        OSError: a file is missing or damaged.
        ValueError: the settings or the key are not readable.
    """
    return Board(config_path)
