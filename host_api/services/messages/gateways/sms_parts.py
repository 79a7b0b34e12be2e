"""How many parts a text message takes (3GPP TS 23.038 and 23.040).

Letters of the GSM 7-bit alphabet count one septet, those of its extension two: 160 in one part, 153 in each
of several. Any other letter makes the whole message UCS-2: 70 units of UTF-16, 67 in each of several. A
letter of two units or septets is never parted.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


class Alphabet(StrEnum):
    """How a text message is written on the air."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


_SINGLE: Final = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
_EACH: Final = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}


@dataclass(frozen=True, slots=True)
class SmsSize:
    """What a text takes; `units` are septets or UTF-16 units."""

    alphabet: Alphabet
    units: int
    parts: int


def sms_size(text: str) -> SmsSize:
    """The size of a text; an empty one takes one part."""
    is_gsm7 = all(letter in _BASIC or letter in _EXTENSION for letter in text)
    alphabet = Alphabet.GSM7 if is_gsm7 else Alphabet.UCS2
    widths = [1 + (letter in _EXTENSION if is_gsm7 else ord(letter) > 0xFFFF) for letter in text]
    units = sum(widths)
    if units <= _SINGLE[alphabet]:
        return SmsSize(alphabet, units, 1)
    parts, room = 1, _EACH[alphabet]
    for width in widths:
        if width > room:
            parts, room = parts + 1, _EACH[alphabet]
        room -= width
    return SmsSize(alphabet, units, parts)
