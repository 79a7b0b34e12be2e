"""From what should be read to what is drawn: order, width, and lines that fit the paper."""

from terminal.screens.bidi import LONGEST, visual
from terminal.screens.shaping import shaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.screens.font import Font

_OPENING_ISOLATES = "\u2066\u2067\u2068"
_CLOSING_ISOLATE = "\u2069"


def typeset(text: str, direction: int) -> str:
    """The text's glyphs from left to right. `direction` as in `bidi`."""
    return visual(shaped(text), direction)


def fitted(text: str, direction: int, font: "Font", dots: int) -> "list[str]":
    """`text` in lines of at most `dots`, each typeset: broken at spaces, and in too long words."""
    lines: "list[str]" = []
    line = ""
    while text:
        place = text.find(" ")
        word, text = (text, "") if place < 0 else (text[:place], text[place + 1 :])
        longer = line + " " + word if line else word
        if font.width_of(typeset(longer, direction)) <= dots:
            line = longer
            continue
        if line:
            lines.append(typeset(line, direction))
            word = _still_open(line) + word
        # Two at least, of which one may be an isolate: each turn must shorten the word.
        while len(word) > 2:
            keep, most = 2, min(len(word), LONGEST)
            while keep < most:
                middle = (keep + most + 1) // 2
                if font.width_of(typeset(word[:middle], direction)) <= dots:
                    keep = middle
                else:
                    most = middle - 1
            if keep == len(word):
                break
            lines.append(typeset(word[:keep], direction))
            word = _still_open(word[:keep]) + word[keep:]
        line = word
    if line:
        lines.append(typeset(line, direction))
    return lines


def _still_open(line: str) -> str:
    """The isolate that the line leaves open, which holds for the next line too."""
    opened = ""
    for character in line:
        if character in _OPENING_ISOLATES:
            opened = character
        elif character == _CLOSING_ISOLATE:
            opened = ""
    return opened
