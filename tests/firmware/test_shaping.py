"""Arabic joining, proved against the decompositions that Unicode gives its presentation forms."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.screens.bidi_classes import is_mark
from terminal.screens.shaping import shaped

FORMS: dict[tuple[str, str], str] = {}
for _code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)):
    _kind, _, _letters = unicodedata.decomposition(chr(_code)).partition(" ")
    if _letters:
        _text = "".join(chr(int(_letter, 16)) for _letter in _letters.split())
        FORMS.setdefault((_kind.strip("<>"), _text), chr(_code))

LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوي" + "پچژکگیۀ"
ZWNJ, ZWJ, TATWEEL = "\u200c", "\u200d", "\u0640"
ALPHABET = LETTERS + ZWNJ + ZWJ + TATWEEL + " aZ-(۱9\u064e\u0651\u2066\u2069"


def joins_next(character: str) -> bool:
    return ("initial", character) in FORMS or character in (ZWJ, TATWEEL)


def joins_before(character: str) -> bool:
    return ("final", character) in FORMS or character in (ZWJ, TATWEEL)


def reference(text: str) -> str:
    """The same by other means: each letter looks at its neighbours, lam-alef ligatures first."""
    bases = [character for character in text if not is_mark(ord(character))]
    units: list[str] = []
    for character in bases:
        if character in "آأإا" and units and units[-1] == "ل":
            units[-1] += character
        else:
            units.append(character)
    out = ""
    for place, unit in enumerate(units):
        before = place > 0 and len(units[place - 1]) == 1 and joins_next(units[place - 1])
        after = place + 1 < len(units) and joins_before(units[place + 1][0])
        before = before and (len(unit) == 2 or joins_before(unit))
        after = after and len(unit) == 1 and joins_next(unit)
        kind = {(0, 0): "isolated", (1, 0): "final", (0, 1): "initial", (1, 1): "medial"}[before, after]
        if unit not in (ZWNJ, ZWJ):
            out += FORMS.get((kind, unit), unit)
    return out


def test_every_letter_in_every_place() -> None:
    for letter in LETTERS:
        for text in (letter, f"ب{letter}", f"{letter}ب", f"ب{letter}ب", f"د{letter}د"):
            assert shaped(text) == reference(text), [hex(ord(character)) for character in text]


@given(st.text(alphabet=ALPHABET, max_size=20))
def test_any_text_is_written_as_its_neighbours_ask(text: str) -> None:
    assert shaped(text) == reference(text)


@given(st.text(max_size=40))
def test_no_text_breaks_it_and_no_digit_is_lost(text: str) -> None:
    digits = [character for character in text if character.isdecimal()]
    assert [character for character in shaped(text) if character.isdecimal()] == digits


@given(st.text(alphabet=LETTERS + " 0123456789", max_size=30))
def test_the_letters_stay_what_they_are(text: str) -> None:
    assert unicodedata.normalize("NFKC", shaped(text)) == unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("سلام", "ﺳﻼﻡ"),
        ("نقره\u200cای", "ﻧﻘﺮﻩﺍﯼ"),
        ("لطفاً", "ﻟﻄﻔ\ufd3c"),
        ("مثلاً", "ﻣﺜ\ue001"),
        ("اً", "\ufd3d"),
        ("خانهٔ", "ﺧﺎﻧ\ufba5"),
        ("لا\u0654", "\ufef7"),
        ("ا\u0653", "\ufe81"),
        ("مُحَمَّد", "ﻣﺤﻤﺪ"),
        ("على", "ﻋﻠ\ufbfd"),
        ("ه\u200d", "\ufeeb"),
        ("Point 12", "Point 12"),
    ],
    ids=["ligature", "zwnj", "tanvin", "ligature_tanvin", "lone_tanvin", "heh_hamza", "ligature_hamza",
         "madda", "marks", "maksura", "zwj", "latin"],
)  # fmt: skip
def test_spelling(text: str, written: str) -> None:
    assert shaped(text) == written
