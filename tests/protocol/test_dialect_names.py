"""The dialect's names are those of its spec, and its processing codes come apart as they were made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.dialect import (
    Processing,
    ProcessingCode,
    PurseCode,
    ResponseCode,
    Tag,
    TransactionType,
    conversion_of,
    credit_adjustment_of,
    debit_adjustment_of,
    debit_return_of,
    load_of,
    purchase_from,
    purse_of,
    read_processing_code,
    transfer_of,
)
from protocol.spec import load_spec

SPEC = load_spec("vafa")
purses = st.integers(1, 99)


def test_tags_and_response_codes_are_those_of_the_spec() -> None:
    assert {tag.value: tag.name.lower() for tag in Tag} == {
        tag: entry.name for tag, entry in SPEC.tags.items()
    }
    assert {code.value: code.name.lower() for code in ResponseCode} == {
        code: entry.name for code, entry in SPEC.response_codes.items()
    }


def test_every_named_processing_code_is_read() -> None:
    for code in ProcessingCode:
        found = read_processing_code(code.value)
        assert found is not None
        assert str(found) == code.value


@given(purses, purses)
def test_codes_of_purses_come_apart_as_they_were_made(purse: int, other: int) -> None:
    made = {
        purchase_from(purse): Processing(TransactionType.PURCHASE, purse, 0),
        debit_adjustment_of(purse): Processing(TransactionType.DEBIT_ADJUSTMENT, purse, 0),
        debit_return_of(purse): Processing(TransactionType.RETURN, 0, purse),
        load_of(purse): Processing(TransactionType.LOAD, 0, purse),
        credit_adjustment_of(purse): Processing(TransactionType.CREDIT_ADJUSTMENT, 0, purse),
        transfer_of(purse): Processing(TransactionType.TRANSFER, purse, purse),
    }
    if other != purse:
        made[conversion_of(purse, other)] = Processing(TransactionType.CONVERSION, purse, other)
    for code, processing in made.items():
        assert read_processing_code(code) == processing
        assert purse_of(code) == purse


@pytest.mark.parametrize(
    "code",
    [
        "",
        "00000",
        "0000000",
        "00000a",
        "۰۰۰۰۰۰",
        "010000",
        "000091",
        "009191",
        "020000",
        "020091",
        "209100",
        "210000",
        "219100",
        "229100",
        "310091",
        "400000",
        "409192",
        "490091",
        "499191",
        "900091",
        "990000",
    ],
)
def test_codes_of_no_meaning_are_none(code: str) -> None:
    assert read_processing_code(code) is None
    assert purse_of(code) == 0


def test_the_purses_of_the_dialect() -> None:
    assert [code.value for code in PurseCode] == list(range(90, 100))
    assert purse_of(ProcessingCode.PURCHASE) == purse_of(ProcessingCode.RETURN) == 0
