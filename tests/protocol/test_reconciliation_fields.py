"""Totals and uploaded records come out of their fields as they went in; anything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import decode, encode
from protocol.faults import ProtocolFault
from protocol.message import Message, Value
from protocol.reconciliation import (
    RECORDS_MAX,
    BatchTotals,
    UploadRecord,
    is_debit,
    pack_records,
    read_records,
    read_totals,
    totals_fields,
)
from protocol.spec import load_spec

SPEC = load_spec("vafa")
numbers = st.integers(0, 10**10 - 1)
amounts = st.integers(0, 10**15)
totals = st.builds(BatchTotals, *[numbers] * 4, *[amounts] * 4)
digits = st.integers(0, 10**12 - 1)
records = st.builds(
    UploadRecord,
    st.sampled_from(["0200", "0220", "0400"]),
    st.integers(0, 999_999).map(lambda number: f"{number:06d}"),
    st.integers(0, 999_999).map(lambda number: f"{number:06d}"),
    st.integers(0, 10**10 - 1).map(lambda number: f"{number:010d}"),
    digits,
    digits,
)


@given(totals)
def test_totals_go_through_their_fields(wanted: BatchTotals) -> None:
    message = Message("0500", dict(totals_fields(wanted)))
    read = decode(SPEC, encode(SPEC, message))
    assert read_totals(read) == wanted
    assert read.text(97)[0] == ("D" if wanted.net_amount < 0 else "C")
    assert int(read.text(97)[1:]) == abs(wanted.net_amount)


@pytest.mark.parametrize(
    "net", ["C0000000000000001", "D0000000000000099", "X0000000000000100", "C00000000000001a0"]
)
def test_a_net_that_is_not_that_of_the_totals_is_refused(net: str) -> None:
    fields = totals_fields(BatchTotals(credits_number=1, credits_amount=100))
    assert read_totals(Message("0500", dict(fields))).net_amount == 100
    with pytest.raises(ProtocolFault) as caught:
        read_totals(Message("0500", {**fields, 97: net}))
    assert caught.value.path == "97"


@pytest.mark.parametrize("figure", [10**10, -1])
def test_figures_without_room_are_not_written(figure: int) -> None:
    with pytest.raises(ValueError, match="field 74"):
        totals_fields(BatchTotals(credits_number=figure))


@given(st.lists(records, min_size=1, max_size=RECORDS_MAX))
def test_records_go_through_their_tag(wanted: list[UploadRecord]) -> None:
    message = Message("0520", {48: {"DF35": pack_records(wanted)}})
    read = decode(SPEC, encode(SPEC, message))
    assert list(read_records(read.tags(48)["DF35"])) == wanted


def test_as_many_records_as_fit_leave_room_for_the_message() -> None:
    record = UploadRecord("0200", "000000", "000001", "1121200000", 1, 1)
    fields: dict[int, Value] = {7: "1121200000", 11: "000001", 15: "1121", 41: "T1", 42: "M1", 128: bytes(8)}
    full = Message("0520", {**fields, 48: {"DF35": pack_records([record] * RECORDS_MAX)}})
    assert len(encode(SPEC, full)) <= SPEC.payload_maximum_bytes
    for count in (0, RECORDS_MAX + 1):
        with pytest.raises(ValueError, match="50 digits"):
            pack_records([record] * count)
    with pytest.raises(ValueError, match="50 digits"):
        pack_records([record._replace(amount=10**12)])


@pytest.mark.parametrize(
    "content",
    [
        "text",
        b"",
        bytes(24),
        bytes(25),
        bytes.fromhex("0100" + "0" * 46),
        bytes.fromhex("020a" + "0" * 46),
        bytes.fromhex("0200" + "0" * 46) * (RECORDS_MAX + 1),
    ],
)
def test_other_records_are_refused(content: str | bytes) -> None:
    with pytest.raises(ProtocolFault) as caught:
        read_records(content)
    assert caught.value.path == "48.DF35"


@pytest.mark.parametrize(
    ("mti", "code", "currency", "amount", "side"),
    [
        ("0200", "000000", "364", 1, True),
        ("0220", "009100", "364", 1, True),
        ("0200", "029100", "364", 1, True),
        ("0200", "200000", "364", 1, False),
        ("0200", "200094", "364", 1, None),
        ("0200", "210096", "364", 1, False),
        ("0200", "900000", "364", 1, False),
        ("0200", "000000", "364", 0, None),
        ("0200", "000000", "999", 1, None),
        ("0100", "009100", "364", 1, None),
        ("0200", "409191", "364", 1, None),
        ("0200", "910000", "364", 1, None),
        ("0400", "000000", "364", 1, None),
    ],
)
def test_what_counts_on_which_side(
    mti: str, code: str, currency: str, amount: int, side: bool | None
) -> None:
    assert is_debit(mti, code, currency, amount) is side
