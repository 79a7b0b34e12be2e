"""Numbers, codes and foreign words as they stand in a text that may run from right to left."""

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
