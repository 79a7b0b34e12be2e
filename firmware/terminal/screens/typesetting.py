"""From what should be read to what is drawn: order, width, and lines that fit the paper."""

from terminal.screens.bidi import LONGEST, visual
from terminal.screens.bidi_classes import BN, LRI, bidi_class
from terminal.screens.shaping import shaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.screens.font import Font

_OPENING_ISOLATES = "\u2066\u2067\u2068"
_CLOSING_ISOLATE = "\u2069"


def typeset(text: str, direction: int) -> str:
    """The text's glyphs from left to right. `direction` as in `bidi`."""
    return visual(shaped(text), direction)


def broken(text: str, font: "Font", dots: int) -> "list[str]":
    """`text` in lines of at most `dots` once they are typeset: broken at spaces, and in too long words."""
    lines: "list[str]" = []
    line = ""
    width = 0
    blank = font.measure(" ")
    while text:
        place = text.find(" ")
        word, text = (text, "") if place < 0 else (text[:place], text[place + 1 :])
        more = _width(word, font)
        if not line:
            line, width = word, more
        elif width + blank + more <= dots and len(line) + len(word) < LONGEST:
            line += " " + word
            width += blank + more
        else:
            lines.append(line)
            line, width = _still_open(line) + word, more
        # Two at least, of which one may be an isolate: each turn must shorten the word.
        while (width > dots or len(line) > LONGEST) and len(line) > 2:
            keep, most = 2, min(len(line), LONGEST)
            while keep < most:
                middle = (keep + most + 1) // 2
                if _width(line[:middle], font) <= dots:
                    keep = middle
                else:
                    most = middle - 1
            if keep == len(line):
                break
            lines.append(line[:keep])
            line = _still_open(line[:keep]) + line[keep:]
            width = _width(line, font)
    if line:
        lines.append(line)
    return lines


def _width(word: str, font: "Font") -> int:
    """Dots that it takes once it is typeset: order changes nothing, and mirrored characters are as wide."""
    width = 0
    for character in shaped(word):
        kind = bidi_class(ord(character))
        if kind != BN and kind < LRI and not 0x200E <= ord(character) <= 0x200F:
            width += font.measure(character)
    return width


def _still_open(line: str) -> str:
    """The isolate that the line leaves open, which holds for the next line too."""
    opened = ""
    for character in line:
        if character in _OPENING_ISOLATES:
            opened = character
        elif character == _CLOSING_ISOLATE:
            opened = ""
    return opened
