"""Bidirectional classes (UAX #9, table 4) of the characters that our texts can hold, and combining marks.

Exact for ASCII, Latin-1, Arabic, general punctuation and Arabic presentation forms; what is unknown counts as
a left-to-right letter.
"""

from terminal.constant import const

L = const(0)
R = const(1)
EN = const(2)
AN = const(3)
AL = const(4)
ES = const(5)
ET = const(6)
CS = const(7)
NSM = const(8)
BN = const(9)
# From here on all are neutral (NI).
ON = const(10)
WS = const(11)  # B and S too: a line has one paragraph, and a tab is a blank
LRI = const(12)
RLI = const(13)
FSI = const(14)
PDI = const(15)


def bidi_class(character: int) -> int:
    """Class of a code point. Embeddings and overrides, U+202A to U+202E, are BN: nothing."""
    if character < 0x80:
        return _ascii(character)
    if character < 0x300:
        return _latin(character)
    if 0x600 <= character < 0x700:
        return _arabic(character)
    if 0x2000 <= character < 0x2070:
        return _punctuation(character)
    if character < 0x370 or 0xFE00 <= character < 0xFE10 or 0x20D0 <= character < 0x20F1:
        return NSM
    if 0x590 <= character < 0x600 or 0xFB1D <= character < 0xFB50:
        return R
    if 0xFD3E <= character < 0xFD50 or 0xFDFD <= character < 0xFE00 or 0xFFF9 <= character < 0xFFFE:
        return ON
    if 0xFB50 <= character < 0xFE00 or 0xFE70 <= character < 0xFEFF:
        return AL
    if 0xE000 <= character < 0xE002:
        return AL  # our fonts' ligatures of lam, alef and fathatan
    if character == 0xFEFF:
        return BN
    if 0x20A0 <= character < 0x20D0 or character == 0x2213:
        return ET
    if character == 0x2212:
        return ES
    return ON if 0x2190 <= character < 0x2C00 else L


def is_mark(character: int) -> bool:
    """Whether it is a combining mark, Arabic or of Latin letters."""
    return (
        0x64B <= character <= 0x65F
        or 0x300 <= character <= 0x36F
        or character == 0x670
        or 0x610 <= character <= 0x61A
        or 0x6D6 <= character <= 0x6DC
        or 0x6DF <= character <= 0x6E4
        or 0x6E7 <= character <= 0x6E8
        or 0x6EA <= character <= 0x6ED
    )


def _ascii(character: int) -> int:
    if 0x30 <= character <= 0x39:
        return EN
    if 0x61 <= character | 0x20 <= 0x7A:
        return L
    if character < 0x20 or character == 0x7F:
        return WS if 9 <= character <= 13 or 28 <= character <= 31 else BN
    if character == 0x20:
        return WS
    text = chr(character)
    if text in ",./:":
        return CS
    if text in "+-":
        return ES
    return ET if text in "#$%" else ON


def _latin(character: int) -> int:
    if character < 0xA0:
        return WS if character == 0x85 else BN
    if character >= 0xC0:
        return ON if character in (0xD7, 0xF7) else L
    if character in (0xAA, 0xB5, 0xBA):
        return L
    if character in (0xB2, 0xB3, 0xB9):
        return EN
    if 0xA2 <= character <= 0xA5 or 0xB0 <= character <= 0xB1:
        return ET
    if character == 0xA0:
        return CS
    return BN if character == 0xAD else ON


def _arabic(character: int) -> int:
    if 0x6F0 <= character <= 0x6F9:
        return EN
    if is_mark(character):
        return NSM
    if 0x660 <= character <= 0x669 or character in (0x66B, 0x66C, 0x6DD) or character < 0x606:
        return AN
    if character in (0x66A, 0x609, 0x60A):
        return ET
    if character == 0x60C:
        return CS
    return ON if character in (0x606, 0x607, 0x60E, 0x60F, 0x6DE, 0x6E9) else AL


def _punctuation(character: int) -> int:
    if character < 0x200B or character in (0x2028, 0x2029, 0x205F):
        return WS
    if (
        character < 0x200E
        or 0x202A <= character < 0x202F
        or character in (0x2060, 0x2061, 0x2062, 0x2063, 0x2064)
    ):
        return BN
    if 0x2066 <= character < 0x206A:
        return LRI + character - 0x2066
    if character >= 0x206A:
        return BN
    if character in (0x202F, 0x2044):
        return CS
    if 0x2030 <= character < 0x2035:
        return ET
    if character == 0x200E:
        return L
    return R if character == 0x200F else ON
