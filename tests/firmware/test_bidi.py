"""The order of characters, proved by Unicode's own conformance data (UAX #9, BidiCharacterTest.txt)."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.screens import bidi_classes
from terminal.screens.bidi import (
    AUTOMATIC,
    LEFT_TO_RIGHT,
    LONGEST,
    REMOVED,
    RIGHT_TO_LEFT,
    reordered,
    resolved,
    visual,
)
from terminal.screens.shaping import shaped

CASES = [
    line.split(";")
    for line in (Path(__file__).parents[1] / "vectors" / "bidi_character_test.txt")
    .read_text("utf-8")
    .splitlines()
    if not line.startswith("#")
]
DIRECTIONS = (LEFT_TO_RIGHT, RIGHT_TO_LEFT, AUTOMATIC)
MIXED = st.text(alphabet="ابپ۱۲۳abc0123456789 -/,.()[]%*\u2066\u2067\u2068\u2069\u200e\u0664", max_size=40)
# What the firmware's table says in place of the classes that a single line has no use for.
COUNTED_AS = {"B": "WS", "S": "WS", "LRE": "BN", "RLE": "BN", "LRO": "BN", "RLO": "BN", "PDF": "BN"}
_RANGES = ((0, 0x2B0), (0x300, 0x370), (0x600, 0x700), (0x2000, 0x2070), (0x20A0, 0x20C0), (0xFB50, 0xFDC8))
KNOWN = [code for first, end in (*_RANGES, (0xFDF0, 0xFE10), (0xFE70, 0xFF00)) for code in range(first, end)]


def test_the_conformance_cases() -> None:
    assert len(CASES) > 300
    for codes, direction, _, levels, order in CASES:
        text = "".join(chr(int(code, 16)) for code in codes.split())
        found = resolved(text, int(direction))
        assert list(found) == [REMOVED if level == "x" else int(level) for level in levels.split()], codes
        assert list(reordered(found)) == [int(place) for place in order.split()], codes


def test_the_classes_are_those_of_unicode() -> None:
    for code in KNOWN:
        expected = unicodedata.bidirectional(chr(code))
        if not expected:
            continue  # no character yet
        found = bidi_classes.bidi_class(code)
        assert found == getattr(bidi_classes, COUNTED_AS.get(expected, expected)), hex(code)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("کد 000123-AB", "AB-000123 ﺪﮐ"),
        ("کد \u2066000123-AB\u2069", "000123-AB ﺪﮐ"),
        ("کارت \u2066636949******0013\u2069", "636949******0013 ﺕﺭﺎﮐ"),
        ("مبلغ (ریال)", "(ﻝﺎﯾﺭ) ﻎﻠﺒﻣ"),
        ("مبلغ ۲٬۵۰۰٬۰۰۰", "۲٬۵۰۰٬۰۰۰ ﻎﻠﺒﻣ"),
        ("تاریخ \u2066۱۴۰۵/۰۱/۰۱\u2069", "۱۴۰۵/۰۱/۰۱ ﺦﯾﺭﺎﺗ"),
        ("عضو \u2068Ali Rezaei (VIP)\u2069", "Ali Rezaei (VIP) ﻮﻀﻋ"),
        ("«وفا»", "«ﺎﻓﻭ»"),
    ],
    ids=["bare_code_reverses", "code", "card", "brackets", "amount", "date", "name", "quotes"],
)
def test_lines_of_a_persian_slip(text: str, shown: str) -> None:
    assert visual(shaped(text), RIGHT_TO_LEFT) == shown


@given(st.text(max_size=60), st.sampled_from(DIRECTIONS))
def test_any_text_gives_an_order_of_its_characters(text: str, direction: int) -> None:
    levels = resolved(text, direction)
    assert sorted(reordered(levels)) == [place for place, level in enumerate(levels) if level != REMOVED]
    assert len(visual(shaped(text), direction)) <= len(text)


@given(MIXED, st.sampled_from(DIRECTIONS))
def test_digits_of_a_number_keep_their_order(text: str, direction: int) -> None:
    number = "9876543210"
    for digits in (number, "".join(chr(ord(digit) + 0x6C0) for digit in number)):
        line = f"{text} \u2066{digits}\u2069 {text}"
        assert digits in visual(shaped(line), direction)
        bare = "".join(character for character in text if not character.isdecimal())
        assert digits in visual(shaped(f"{bare}{digits}{bare}"), direction)


def test_what_is_too_long_is_cut_and_deep_isolates_overflow() -> None:
    assert len(visual("a" * 1000, LEFT_TO_RIGHT)) == LONGEST
    assert visual("\u2067" * 254 + "a", RIGHT_TO_LEFT) == "a"
    # More brackets than N0 keeps in mind: all are still there, mirrored.
    assert visual("(" * 200 + "ا", RIGHT_TO_LEFT) == "ا" + ")" * 200
