"""The terminal on a Unix machine: peripherals are loopback sockets; flash and key slot are files."""

import json
import os
import sys
import time

from terminal.constant import const
from terminal.hal.connections import connect
from terminal.hal.file_part import FilePart
from terminal.hal.font_file import open_font
from terminal.hal.key_slot import KeySlot, terminal_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash, FontSource, SecureSlot, SecureStream, Stream


_JOURNAL_BLOCKS = const(32)
_SETTINGS_BLOCKS = const(4)


class Board:
    """One terminal. `config_path` names its settings; flash and key lie beside it."""

    def __init__(self, config_path: str) -> None:
        slash = config_path.rfind("/")
        folder = self._folder = config_path[:slash] if slash >= 0 else "."
        with open(config_path) as file:
            self.settings: "dict[str, object]" = json.load(file)
        self._devices: "dict[str, int]" = self.settings["devices"]
        self.flash: "Flash" = FilePart(folder + "/flash.bin", _JOURNAL_BLOCKS)
        self.settings_flash: "Flash" = FilePart(folder + "/settings.bin", _SETTINGS_BLOCKS)
        self.secure: "SecureSlot" = terminal_slot(folder)

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

    def has_device(self, name: str) -> bool:
        """Whether the settings name a socket for it."""
        return name in self._devices

    async def open_device(self, name: str) -> "Stream":
        """Connect to the socket that stands for the peripheral."""
        port = self._devices.get(name)
        if port is None:
            raise OSError("no such device")
        return await connect("127.0.0.1", port)

    def open_font(self, name: str) -> "FontSource":
        """The font's file beside the modules."""
        return open_font(name)

    async def open_link(self, host: str, port: int) -> "Stream":
        """Connect to the switch; a refusal shows at the first read or write."""
        return await connect(host, port)

    def start_tls(self, stream: "Stream", server_name: str) -> "SecureStream":
        """TLS with the certificates that the settings name, as DER files."""
        from terminal.hal.tls_stream import TlsStream, context_of  # noqa: PLC0415  (a plain link spares its heap)

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
        with open(path if path[0] == "/" else self._folder + "/" + path, "rb") as file:
            content: bytes = file.read()
            return content

    def part(self, name: str, block_count: int) -> "Flash":
        """The file of that name beside the journal's, made blank where there is none."""
        return FilePart(self._folder + "/" + name + ".bin", block_count)

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
