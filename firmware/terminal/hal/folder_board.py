"""What every board has from MicroPython itself, and from the files in its folder."""

import json
import os
import sys
import time

from terminal.constant import const
from terminal.hal.font_file import open_font
from terminal.hal.key_slot import slot_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import FontSource, SecureSlot, SecureStream, Stream

# EX_TEMPFAIL of BSD's sysexits.h: try again. A board's main starts anew however the program ends.
_RESTART_STATUS = const(75)


class FolderBoard:
    """A board less its flash, its devices and its way to the switch.

    Args:
        folder: where the files lie that the settings name.
        settings: the name of the settings' file in it.

    Raises:
        OSError: a file is missing or damaged.
        ValueError: the settings are not readable.
    """

    secure: "SecureSlot"
    service = ""

    def __init__(self, folder: str, settings: str) -> None:
        self._folder = folder
        with open(folder + "/" + settings) as file:
            self.settings: "dict[str, object]" = json.load(file)

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

    def open_font(self, name: str) -> "FontSource":
        """The font in the image, or its file beside the modules."""
        return open_font(name)

    def start_tls(self, stream: "Stream", server_name: str) -> "SecureStream":
        """TLS with the certificates that the settings name, as DER files."""
        from terminal.hal.tls_stream import TlsStream, context_of  # noqa: PLC0415  (a plain link spares its heap, and not every board has it)

        return TlsStream(stream, context_of(self.file), server_name)

    def credential(self, name: str) -> str:
        """The first line of the file that the setting `name` names."""
        return self.file(name).decode().strip()

    def key_slot(self, name: str) -> "SecureSlot | None":
        """A further key, in the file that the setting `name` names."""
        text = self.credential(name)
        return slot_of(text) if text else None

    def file(self, name: str) -> bytes:
        """What is in the file that the setting `name` names."""
        path = self.settings.get(name)
        if not isinstance(path, str) or not path:
            return b""
        with open(path if path[0] == "/" else self._folder + "/" + path, "rb") as file:
            content: bytes = file.read()
            return content

    def power_off(self) -> None:
        """End the program."""
        sys.exit(0)

    def restart(self) -> None:
        """End the program; whatever started it sees by the status that it has to do so again."""
        sys.exit(_RESTART_STATUS)
