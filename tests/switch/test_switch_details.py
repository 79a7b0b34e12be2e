"""Field 48 of a request: every detail, with exact bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.dialect import Tag
from switch.authoriser.request import (
    Details,
)
from switch.gate.details import LABELS_MAX
from switch.gate.translate import FieldFault
from switch.rules.facts import LINES_MAX, Line
from tests.switch.wire_requests import (
    KEYRING,
    financial,
    refused,
)


def test_every_detail() -> None:
    found = financial(
        {
            "DF0C": "000000000400",
            "DF0E": "000000000031",
            "DF0F": "GIFT-07",
            "DF10": "4011,fruit,2,900000,fresh+seasonal;,service,1,0",
            "DF11": "NOWRUZ",
            "DF12": "7",
            "DF13": "counter",
            "DF14": "miles=120;weight_kg=0",
            "DF15": "review",
            "DF16": "به درخواست عضو",
            "DF17": "000000000013",
            "DF18": "9364000000000041",
            "DF19": "+989120000000",
            "DF23": "000012",
            "DF05": "عضو نمونه‌ای",
            "DF7E": b"unknown",
        }
    ).details
    assert found == Details(
        tender_amount=400,
        tender_units=None,
        original_rrn=31,
        reward="GIFT-07",
        lines=(
            Line("4011", "fruit", ("fresh", "seasonal"), 2, 900_000),
            Line("", "service", (), 1, 0),
        ),
        code="NOWRUZ",
        operator="7",
        channel="counter",
        metrics=(("miles", 120), ("weight_kg", 0)),
        event="review",
        reason="به درخواست عضو",
        branch_number=12,
        other_member=13,
        new_card_token=KEYRING.card_token("9364000000000041"),
        phone_token=KEYRING.card_token("989120000000"),
        member_name="عضو نمونه‌ای",
    )
    assert financial({"DF0D": "000000000009"}).details == Details(tender_units=9)
    assert financial({"DF0C": "000000000000"}).details == Details(tender_amount=0)


@pytest.mark.parametrize(
    "text",
    [
        "a,b,1,1",
        "a,,999999,999999999999",
        ",b,000001,0",
        "x" * 32 + "," + "ی" * 32 + ",1,1",
        "a,b,1,1," + "+".join("abcdefgh"),
        ";".join(["a,,1,1"] * LINES_MAX),
    ],
)
def test_baskets_within_bounds(text: str) -> None:
    lines = financial({"DF10": text}).details.lines
    assert len(lines) == text.count(";") + 1
    assert all(line.quantity >= 1 and len(line.labels) <= LABELS_MAX for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a,b,1",
        "a,b,1,1,",
        "a,b,1,1,l,m",
        ",,1,1",
        "a,b,0,1",
        "a,b,,1",
        "a,b,1,",
        "a,b,-1,1",
        "a,b,1,+1",
        "a,b,1 ,1",
        "a,b,۱,1",
        "a,b,1000000,1",
        "a,b,1,1000000000000",
        "a,b,1,1,l++m",
        "a,b,1,1,+",
        "a,b,1,1," + "+".join("abcdefghi"),
        "x" * 33 + ",b,1,1",
        "a," + "x" * 33 + ",1,1",
        "a,b,1,1," + "x" * 33,
        "a,b,1,1;",
        ";a,b,1,1",
        "a,b,1,1;;a,b,1,1",
        "a\n,b,1,1",
        ";".join(["a,,1,1"] * (LINES_MAX + 1)),
    ],
)
def test_baskets_out_of_bounds_name_their_tag(text: str) -> None:
    assert refused({"DF10": text}) == "48.DF10"


@pytest.mark.parametrize(
    "text",
    [
        "miles",
        "miles=",
        "=5",
        "miles=-5",
        "miles=5;",
        "miles=5;miles=6",
        "Miles=5",
        "miles=1000000000000",
        "m" * 17 + "=1",
        "7m=1",
    ],
)
def test_metrics_out_of_bounds_name_their_tag(text: str) -> None:
    assert refused({"DF14": text}) == "48.DF14"


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("DF0E", "000000000000"),
        ("DF17", "000000000000"),
        ("DF18", "936400000000004a"),
        ("DF18", ""),
        ("DF19", "09120000000"),
        ("DF19", "+98912"),
        ("DF16", "line\nbreak"),
        ("DF05", "a\x85b"),
        ("DF12", "\x00"),
        ("DF11", "a\u2028b"),
    ],
)
def test_other_impossible_values_name_their_tag(tag: str, text: str) -> None:
    assert refused({tag: text}) == f"48.{tag}"


def test_amount_and_units_of_a_tender_exclude_each_other() -> None:
    assert refused({"DF0C": "000000000001", "DF0D": "000000000001"}) == "48.DF0D"


@given(st.text(alphabet="ab1,;+=0 ۱\u200c", max_size=60))
def test_any_basket_and_metrics_are_read_or_refused(text: str) -> None:
    for tag in (Tag.BASKET, Tag.METRICS):
        try:
            found = financial({tag.value: text}).details
        except FieldFault as fault:
            assert str(fault) == f"48.{tag.value}"
            continue
        assert len(found.lines) <= LINES_MAX
        assert dict(found.metrics).keys() == {name for name, _ in found.metrics}
