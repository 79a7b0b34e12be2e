"""The terminal on a Unix machine: peripherals are loopback sockets; flash and key slot are files."""

import asyncio
import json
import os
import sys
import time

from terminal.constant import const
from terminal.messages.cmac import CmacKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Protocol

    from terminal.hal.contract import Flash, SecureSlot, Stream

    class _Stream(Protocol):
        """What MicroPython's `open_connection` really gives, twice."""

        s: socket.socket

        async def readinto(self, buffer: bytearray | memoryview) -> int | None: ...
        def write(self, data: bytes | bytearray | memoryview) -> None: ...
        async def drain(self) -> None: ...


_BLOCK_BYTES = const(4096)
_BLOCK_COUNT = const(32)
_KEY_BYTES = const(16)
_IPPROTO_TCP = const(6)
_TCP_NODELAY = const(1)


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


class Board:
    """One terminal. `config_path` names its settings; flash and key lie beside it."""

    def __init__(self, config_path: str) -> None:
        slash = config_path.rfind("/")
        folder = config_path[:slash] if slash >= 0 else "."
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
        return await _connect("127.0.0.1", self._devices[name])

    async def open_link(self, host: str, port: int) -> "Stream":
        """Connect to the switch; a refusal shows at the first read or write."""
        return await _connect(host, port)

    def power_off(self) -> None:
        """End the process."""
        sys.exit(0)


class _Connection:
    """MicroPython's stream, one object for both ways. Nobody may be waiting on it when it is closed."""

    def __init__(self, stream: "_Stream") -> None:
        self._stream = stream
        # A slip is many short writes; waiting for their acknowledgements would cost 40 ms each time.
        stream.s.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)

    async def readinto(self, buffer: bytearray | memoryview) -> int:
        return await self._stream.readinto(buffer) or 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._stream.write(data)

    async def drain(self) -> None:
        await self._stream.drain()

    def close(self) -> None:
        self._stream.s.close()


async def _connect(host: str, port: int) -> "Stream":
    stream, _ = await asyncio.open_connection(host, port)
    return _Connection(stream)  # type: ignore[arg-type]  # the stubs have CPython's StreamReader


def make(config_path: str) -> Board:
    """Build the board from the settings file at `config_path`.

    Raises:
        OSError: a file is missing or damaged.
        ValueError: the settings or the key are not readable.
    """
    return Board(config_path)
