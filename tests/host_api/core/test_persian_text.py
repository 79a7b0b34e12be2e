"""Persian text: what is kept looks as written, and names that people take for the same have the same key."""

import unicodedata
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from host_api.core.name_type import kept_name
from host_api.core.persian_text import (
    fold_digits,
    fold_name,
    name_key,
    persian_digits,
    search_words,
    shorten_to_bytes,
)

ZWNJ = "\u200c"
persian = st.text(
    alphabet=st.sampled_from(
        list("علیيىكکآأإؤئءۀهةھ" + "\u0654\u064b\u0651\u0640\u0653 \u200c\u200f\u0000-م۱٣4é")
    )
    | st.characters(min_codepoint=0x600, max_codepoint=0x6FF)
    | st.characters(min_codepoint=0xFB50, max_codepoint=0xFEFC)
    | st.characters(),
    max_size=30,
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  علي\u202e  كاظمي\t", "علی کاظمی"),
        ("موسى", "موسی"),
        ("ر\u0640\u0640ضا", "رضا"),
        ("\ufecb\ufee0\ufef2", "علی"),  # initial ain, medial lam, final yeh
        ("\ufefc", "لا"),  # the ligature lam-alef
        (f"می{ZWNJ}نا", f"می{ZWNJ}نا"),
        (f"می{ZWNJ}{ZWNJ}نا", f"می{ZWNJ}نا"),
        (f"مراد{ZWNJ}ی", "مرادی"),  # dal never joins to its left
        (f"علی{ZWNJ} رضا", "علی رضا"),
        (f"{ZWNJ} \x00", ""),
        ("مي\u0654نا", "مئنا"),
        ("م\u06cc\u0654نا", "مئنا"),
        ("خانۀ ما", "خانه\u0654 ما"),
        ("الله", "الله"),
        ("e\x00\u0301", "é"),
        ("مُحَمَّد", "مُحَمَّد"),
    ],
)
def test_names_are_kept_in_one_spelling(written: str, kept: str) -> None:
    assert fold_name(written) == kept


@given(persian)
def test_keeping_twice_changes_nothing(text: str) -> None:
    once = fold_name(text)
    assert fold_name(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
    assert not any(unicodedata.category(character) == "Cc" for character in once)


@pytest.mark.parametrize(
    "writings",
    [
        ["میرحسینی", "میر حسینی", f"میر{ZWNJ}حسینی", "مير حسيني", "میر‌ حسینی"],
        ["مؤمن", "مومن"],
        ["رئیسی", "رییسی", "رئيسي"],
        ["آرزو", "ارزو", "ا\u0653رزو"],
        ["أحمد", "احمد", "أَحْمَد"],
        ["فاطمة", "فاطمه", "فاطمۀ", "فاطمه\u0654"],
        ["ضیاء", "ضیا"],
        ["علاءالدین", "علاالدین", "علاء الدین"],
        ["محمّد", "محمد", "مُحَمَّد", "محـــمد"],
        ["یحیی", "يحيى"],
        ["عبدالله", "عبدالله", "عبد\ufdf2"],
        ["Zoë O'Neil", "ZOE ONEIL", "zoe o\u2019neil"],
        ["شعبه ۱۲", "شعبه 12", "شعبه ١٢", "شعبه\u200c۱۲"],
    ],
    ids=lambda writings: writings[0],
)
def test_names_that_people_take_for_the_same_have_one_key(writings: list[str]) -> None:
    assert len({name_key(written) for written in writings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("حسن", "حسین"), ("رضا", "رضائی"), ("سارا", "ساره"), ("صابر", "سابر"), ("پارسا", "بارسا")],
)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(persian)
def test_a_key_is_its_own_key_and_forgets_how_the_name_was_kept(text: str) -> None:
    key = name_key(text)
    assert name_key(key) == key
    assert name_key(fold_name(text)) == key
    assert not any(character.isspace() for character in key)


def test_a_query_is_found_in_the_key_in_any_order() -> None:
    words = search_words(" حسيني  زهرا ")
    assert words == ("حسینی", "زهرا")
    assert all(word in name_key("زهرا میر حسینی") for word in words)
    assert search_words(" - \u200c ") == ()


@given(st.text(max_size=40))
def test_digits_are_one_whatever_the_script(text: str) -> None:
    assert fold_digits(persian_digits(text)) == fold_digits(text)
    assert persian_digits(fold_digits(text)) == persian_digits(text)


def test_digits_of_three_scripts() -> None:
    assert fold_digits("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩") == "01234567890123456789"
    assert persian_digits("0123456789٠١٢٣٤٥٦٧٨٩") == "۰۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶۷۸۹"


@given(st.text(max_size=60), st.integers(0, 60))
def test_shortening_keeps_whole_characters(text: str, limit: int) -> None:
    shortened = shorten_to_bytes(text, limit)
    assert text.startswith(shortened)
    assert len(shortened.encode()) <= limit


def test_a_name_that_folding_makes_too_long_is_refused() -> None:
    adapter: TypeAdapter[str] = TypeAdapter(Annotated[str, kept_name(20)])
    assert adapter.validate_python("  علي ") == "علی"
    assert len(adapter.validate_python("\ufdfa")) == 18
    for text, code in (("\ufdfa\ufdfa", "string_too_long"), (" \u200c", "name_empty")):
        with pytest.raises(ValidationError) as caught:
            adapter.validate_python(text)
        assert caught.value.errors()[0]["type"] == code
