"""Amounts at the edge: grouping, Persian digits, rials and tomans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from host_api.core.money import (
    LARGEST_AMOUNT,
    AmountFault,
    MoneyUnit,
    Rials,
    format_amount,
    parse_amount,
    rials_of_tomans,
)


def test_amounts_are_shown_in_both_languages_and_units() -> None:
    assert format_amount(1_250_000) == "۱٬۲۵۰٬۰۰۰ ریال"
    assert format_amount(1_250_000, "en") == "1,250,000 IRR"
    assert format_amount(1_250_000, "fa", MoneyUnit.TOMAN) == "۱۲۵٬۰۰۰ تومان"
    assert format_amount(1_250_005, "en", MoneyUnit.TOMAN) == "125,000.5 toman"
    assert format_amount(15, "fa", MoneyUnit.TOMAN, with_unit=False) == "۱٫۵"
    assert format_amount(0, with_unit=False) == "۰"
    assert format_amount(-1_500, "en", with_unit=False) == "-1,500"
    assert format_amount(-1_500, with_unit=False) == "\u200e\u2212۱٬۵۰۰"
    assert format_amount(-15, "en", MoneyUnit.TOMAN, with_unit=False) == "-1.5"


@pytest.mark.parametrize(
    ("written", "rials"),
    [
        ("1250000", 1_250_000),
        ("1,250,000", 1_250_000),
        ("۱٬۲۵۰٬۰۰۰", 1_250_000),
        ("۱۲۵۰۰۰۰ ریال", 1_250_000),
        ("۱۲۵،۰۰۰ تومان", 1_250_000),
        ("125 000 toman", 1_250_000),
        ("١٢٥٠٠٠٠ ريال", 1_250_000),
        ("125000Tomans", 1_250_000),
        (" 0 ", 0),
    ],
)
def test_amounts_are_read_as_people_write_them(written: str, rials: int) -> None:
    assert parse_amount(written) == rials


def test_a_number_without_a_unit_counts_what_the_form_says() -> None:
    assert parse_amount("125,000", MoneyUnit.TOMAN) == rials_of_tomans(125_000) == 1_250_000
    assert parse_amount("125,000 ریال", MoneyUnit.TOMAN) == 125_000


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ریال",
        "12,50",
        "1,2500",
        "1.5",
        "-5",
        "+5",
        "12 dollars",
        "۱۲٫۵ تومان",
        "1e6",
        "9" * 13,
        "9" * 70,
        "1 000,000,",
    ],
    ids=range(13),
)
def test_what_is_no_amount_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(AmountFault) as caught:
        parse_amount(written)
    assert repr(caught.value) == "AmountFault('amount')"


@given(st.integers(0, LARGEST_AMOUNT), st.sampled_from(list(MoneyUnit)), st.booleans())
def test_what_is_shown_is_read_back(rials: int, unit: MoneyUnit, in_persian: bool) -> None:
    rials -= rials % 10
    assert parse_amount(format_amount(rials, "fa" if in_persian else "en", unit)) == rials


@given(st.text(max_size=70))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        rials = parse_amount(text)
    except AmountFault:
        return
    assert 0 <= rials <= LARGEST_AMOUNT


@pytest.mark.parametrize("value", [-1, LARGEST_AMOUNT + 1, 1.5, "x"], ids=str)
def test_a_field_takes_whole_rials(value: object) -> None:
    adapter: TypeAdapter[int] = TypeAdapter(Rials)
    assert adapter.validate_python(LARGEST_AMOUNT) == LARGEST_AMOUNT
    with pytest.raises(ValidationError):
        adapter.validate_python(value)
