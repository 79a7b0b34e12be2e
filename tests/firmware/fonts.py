"""The terminal's fonts, from their files, for scripts on the VM."""

from terminal.hal.font_file import FontFile
from terminal.screens.font import Font

FOLDER = __file__.rsplit("/", 3)[0] + "/firmware/terminal/screens/fonts/"


def font(name: str) -> "Font":
    """The font of this name; its file stays open."""
    return Font(FontFile(FOLDER + name + ".bin").read)
