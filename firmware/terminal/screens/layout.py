"""Numbers, codes and columns of a slip. Widths count what the printer shows, not characters."""

from terminal.constant import const

WIDTH = const(32)
_ISOLATE_LEFT = "\u2066"
_ISOLATE_FIRST = "\u2068"
_ISOLATE_END = "\u2069"


def amount(value: int, language: str) -> str:
    """A whole number with thousands separators, in the digits of the language."""
    digits = str(abs(value))
    text = ""
    while len(digits) > 3:
        text = ("٬" if language == "fa" else ",") + digits[-3:] + text
        digits = digits[:-3]
    text = digits + text
    if value < 0:
        # Left to itself the sign would move to the other side in a right-to-left line.
        text = code("-" + text, language)
    return persian_digits(text) if language == "fa" else text


def persian_digits(text: str) -> str:
    """The text with 0 to 9 as ۰ to ۹."""
    return "".join(
        chr(ord(character) + 0x6C0) if "0" <= character <= "9" else character for character in text
    )


def code(text: str, language: str) -> str:
    """A code such as a masked card number: an isolate keeps its parts in order in a right-to-left line."""
    return _ISOLATE_LEFT + text + _ISOLATE_END if language == "fa" else text


def foreign(text: str) -> str:
    """Text whose own direction is unknown, as a member's name, kept from disturbing its line."""
    return _ISOLATE_FIRST + clean(text) + _ISOLATE_END


def clean(text: str) -> str:
    """Without control characters and bidi controls: text from outside must not steer the printer."""
    kept = ""
    for character in text:
        value = ord(character)
        if (
            value >= 32
            and not 0x7F <= value < 0xA0
            and not 0x202A <= value <= 0x202E
            and not 0x2066 <= value <= 0x2069
        ):
            kept += character
    return kept


def shown_width(text: str) -> int:
    """Columns that the text takes."""
    width = 0
    for character in text:
        value = ord(character)
        if not (
            0x200B <= value <= 0x200F
            or 0x2066 <= value <= 0x2069
            or 0x64B <= value <= 0x65F
            or value == 0x670
        ):
            width += 1
    return width


def row(label: str, value: str) -> "list[str]":
    """A label and its value at the two edges; on two lines when they don't fit one."""
    gap = WIDTH - shown_width(label) - shown_width(value)
    if gap >= 1:
        return [label + " " * gap + value]
    return [label, " " * max(WIDTH - shown_width(value), 0) + value]


def centred(text: str) -> str:
    """The text in the middle of a line."""
    return " " * max((WIDTH - shown_width(text)) // 2, 0) + text


def wrapped(text: str) -> "list[str]":
    """The text broken at spaces into lines, long words cut."""
    lines = []
    line = ""
    for word in clean(text).split(" "):
        rest = word
        while shown_width(rest) > WIDTH:
            if line:
                lines.append(line)
                line = ""
            lines.append(rest[:WIDTH])
            rest = rest[WIDTH:]
        if line and shown_width(line) + 1 + shown_width(rest) > WIDTH:
            lines.append(line)
            line = rest
        else:
            line = line + " " + rest if line else rest
    if line:
        lines.append(line)
    return lines
