"""The terminal's fonts, wherever they lie, for scripts on the VM and on boards."""

from terminal.hal.font_file import open_font
from terminal.screens.font import Font


def font(name: str) -> "Font":
    """The font of this name; it stays open."""
    return Font(open_font(name).read)
