"""Card numbers where no spec says that they are: in free text and in bytes.

A card number has 12 to 19 digits and its last is a check digit (ISO/IEC 7812-1, annex B: Luhn).
"""

import re
import unicodedata

SHORTEST = 12
LONGEST = 19
SHOWN_AT_THE_START = 6
SHOWN_AT_THE_END = 4

# Digits of any script, also grouped as on a card.
_CHAIN = re.compile(r"\d(?:[ -]?\d){11,}")
_NIBBLES = re.compile(r"[0-9]{12,}")
_TRACK_SEPARATORS = "=^Dd"


def passes_luhn(digits: str) -> bool:
    """Whether the last of these ASCII digits is the check digit of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        if place % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def plain_digits(text: str) -> str:
    """The same text, as long, with the digits of every script as ASCII."""
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def keep_ends(places: list[int]) -> list[int]:
    """Which of a card number's places to hide: all but six and four, or all where that shows too much."""
    if len(places) < SHORTEST:
        return places
    return places[SHOWN_AT_THE_START:-SHOWN_AT_THE_END]


def hide_in_text(text: str) -> set[int]:
    """Places in free text to hide: of each run of digits in which a card number may stand, and of the track
    behind it."""
    hidden: set[int] = set()
    for chain in _CHAIN.finditer(text):
        places = [place for place in range(*chain.span()) if text[place].isdecimal()]
        if _may_hold_card_number(plain_digits(chain[0]).replace(" ", "").replace("-", "")):
            hidden.update(keep_ends(places))
            hidden.update(_track_behind(text, chain.end()))
    return hidden


def hide_in_identifier(text: str) -> set[int]:
    """Places to hide in a short text of fixed size, which is expected to hold long numbers of other sorts."""
    digits = plain_digits(text.strip())
    if not SHORTEST <= len(digits) <= LONGEST or not digits.isdecimal() or digits[0] == "0":
        return set()
    start = len(text) - len(text.lstrip())
    return set(keep_ends(list(range(start, start + len(digits))))) if passes_luhn(digits) else set()


def hide_in_nibbles(hexadecimal: str) -> set[int]:
    """Places in hexadecimal text to hide: packed card numbers, at any nibble, and the track behind them."""
    hidden: set[int] = set()
    for run in _NIBBLES.finditer(hexadecimal):
        if _may_hold_card_number(run[0]):
            hidden.update(keep_ends(list(range(*run.span()))))
            hidden.update(_track_behind(hexadecimal, run.end()))
    return hidden


def stand_in(digits: str) -> str:
    """A number as long, with the same six and four, that is no card number: it depends on nothing else."""
    if len(digits) < SHORTEST:
        return "0" * len(digits)
    first, last = digits[:SHOWN_AT_THE_START], digits[-SHOWN_AT_THE_END:]
    middle = "9" * (len(digits) - len(first) - len(last))
    number = first + middle + last
    return number if not passes_luhn(number) else f"{first}{middle[:-1]}8{last}"


def _may_hold_card_number(digits: str) -> bool:
    return any(
        passes_luhn(digits[start : start + length])
        for start in range(len(digits) - SHORTEST + 1)
        for length in range(SHORTEST, min(LONGEST, len(digits) - start) + 1)
    )


def _track_behind(text: str, end: int) -> range:
    """What follows a card number up to the end sentinel, where a separator says that it is a track."""
    if end == len(text) or text[end] not in _TRACK_SEPARATORS:
        return range(0)
    sentinel = text.find("?", end)
    return range(end + 1, len(text) if sentinel < 0 else sentinel)
