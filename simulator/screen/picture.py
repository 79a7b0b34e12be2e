"""The terminal's display as dots, drawn by the firmware's own code for graphic panels, in its own fonts."""

from collections.abc import Sequence
from pathlib import Path

from terminal.devices.graphic_lcd import GraphicLcd
from terminal.screens.bidi import LEFT_TO_RIGHT, RIGHT_TO_LEFT
from terminal.screens.font import Font, from_memory

from simulator.micropython_vm import FIRMWARE

COLUMNS = 256
ROWS = 64
_FONTS = FIRMWARE / "terminal" / "screens" / "fonts"


class Panel:
    """A panel of 256 × 64 dots."""

    def __init__(self) -> None:
        large = (_font("digits"), _font("receipt"))
        self._panel = GraphicLcd(COLUMNS, ROWS, _font("display"), large)

    def draw(self, lines: Sequence[str], large: int, language: str) -> bytes:
        """Rows of packed dots, the leftmost dot highest, 1 for dark."""
        direction = RIGHT_TO_LEFT if language == "fa" else LEFT_TO_RIGHT
        self._panel.show(list(lines), large, direction)
        return b"".join(_packed(line) for line in self._panel.art())


def _font(name: str) -> Font:
    return Font(from_memory(Path(_FONTS / f"{name}.bin").read_bytes()))


def _packed(line: str) -> bytes:
    bits = line.ljust(COLUMNS, ".").replace(".", "0").replace("#", "1")
    return int(bits, 2).to_bytes(COLUMNS // 8)
