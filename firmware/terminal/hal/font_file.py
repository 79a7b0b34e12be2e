"""Where the fonts lie: frozen into the image, mapped with a read-only file system, or in a file."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import FontSource

_FOLDER = "/screens/fonts/"
_FROZEN = "terminal.hal.frozen_fonts"  # where an image is frozen, its manifest makes this module


class FontBytes:
    """A font in memory, which its `read` copies from glyph by glyph."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)

    def read(self, address: int, into: memoryview) -> None:
        """Fill `into` from `address`.

        Raises:
            OSError: the font is too short.
        """
        data = self._data[address : address + len(into)]
        if len(data) != len(into):
            raise OSError("font too short")
        into[:] = data

    def close(self) -> None:
        """Nothing to do."""


class FontFile:
    """The font at `path`, open until it is closed; its `read` is what `terminal.screens.font.Font` wants.

    Raises:
        OSError: there is no such file.
    """

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb")  # noqa: SIM115  (until it is closed)

    def mapped(self) -> "memoryview | None":
        """Its bytes where they lie, on a file system in mapped memory; None elsewhere."""
        try:
            return memoryview(self._file)
        except TypeError:
            return None

    def read(self, address: int, into: memoryview) -> None:
        """Fill `into` from `address`.

        Raises:
            OSError: the file is too short.
        """
        self._file.seek(address)
        if self._file.readinto(into) != len(into):
            raise OSError("font file too short")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def open_font(name: str) -> "FontSource":
    """The font `name`: receipt, digits or display.

    Raises:
        OSError: there is none.
    """
    try:
        __import__(_FROZEN)
    except ImportError:
        package = sys.modules["terminal"].__path__
        folder = package if isinstance(package, str) else package[0]  # MicroPython's is text
        file = FontFile(folder + _FOLDER + name + ".bin")
        data = file.mapped()
        return FontBytes(data) if data else file
    fonts: "dict[str, bytes]" = sys.modules[_FROZEN].FONTS
    return FontBytes(fonts[name])
