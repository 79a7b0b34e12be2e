"""What a request says, and what an answer makes of it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.host_link.identity import (
    FILE_ACTIONS,
    NETWORK_MANAGEMENT,
    REQUESTS,
    REVERSALS,
    RULE_TABLES,
)
from host_api.core.ledger import movements
from host_api.core.ledger.requests import LedgerRequest, message_of
from host_api.core.ledger.states import OPEN_STATES, RequestState, after_answer
from protocol.codec import encode
from protocol.dialect import ResponseCode
from protocol.spec import load_spec

SENT, REVERSING = RequestState.SENT, RequestState.REVERSING
RANGES = (FILE_ACTIONS, REQUESTS, REVERSALS, RULE_TABLES, NETWORK_MANAGEMENT)


@given(st.lists(st.integers(min_value=1, max_value=10**12), min_size=5, max_size=5))
def test_stans_of_different_kinds_never_meet(numbers: list[int]) -> None:
    stans = [stan_range.of(number) for stan_range, number in zip(RANGES, numbers, strict=True)]
    assert len(set(stans)) == 5
    for stan in stans:
        assert len(stan) == 6
        assert 1 <= int(stan) <= 999_999


@given(st.integers(min_value=1, max_value=2_000_000))
def test_a_stan_leads_back_to_its_row(number: int) -> None:
    for stan_range in RANGES:
        stan = stan_range.of(number)
        found = stan_range.numbers(stan, 2_000_000)
        assert number in found
        assert {stan_range.of(each) for each in found} == {stan}
        assert [other.numbers(stan, 2_000_000) for other in RANGES if other is not stan_range] == [[]] * 4


@pytest.mark.parametrize(
    ("state", "code", "after"),
    [
        (SENT, "00", RequestState.APPROVED),
        (SENT, "51", RequestState.DECLINED),
        (SENT, "21", RequestState.DECLINED),
        (SENT, "94", RequestState.DOUBTFUL),
        *[(state, code, None) for state in (SENT, REVERSING) for code in ("58", "63", "68", "91", "96")],
        (REVERSING, "00", RequestState.REVERSED),
        (REVERSING, "21", RequestState.REVERSED),
        *[(REVERSING, code, RequestState.DOUBTFUL) for code in ("25", "51", "12", "13", "94")],
    ],
)
def test_what_an_answer_makes_of_a_request(
    state: RequestState, code: str, after: RequestState | None
) -> None:
    assert after_answer(state, code) is after


@pytest.mark.parametrize("state", [SENT, REVERSING])
def test_every_answer_repeats_or_ends(state: RequestState) -> None:
    for code in ResponseCode:
        after = after_answer(state, code.value)
        assert after is None or after not in OPEN_STATES


def _row(movement: movements.Movement, **changes: object) -> LedgerRequest:
    at = datetime(2026, 3, 21, 6, 31, 12, tzinfo=UTC)
    fields = {
        "3": movement.processing_code,
        "4": f"{movement.amount:012d}",
        "12": "100112",
        "13": "0101",
        "22": "011",
        "42": movement.merchant_id,
        "49": movement.currency,
    }
    values: dict[str, object] = {
        "id": 7,
        "mti": movement.mti,
        "fields": fields,
        "tags": {"DF20": "000000000012", **movement.tags},
        "state": "sent",
        "sent_at": at,
        "attempts": 1,
        "reversal_at": at.replace(second=40),
        "reversal_attempts": 1,
    }
    return LedgerRequest(**(values | changes))


def test_a_request_and_its_reversal_as_they_stand_on_the_wire() -> None:
    row = _row(movements.credit(12, 91, 500, "complaint: missing"))
    request = message_of(row, "HOST0001")
    assert request.mti == "0200"
    assert (request.text(7), request.text(11), request.text(3)) == ("0321063112", "300007", "220091")
    assert (request.text(4), request.text(49), request.text(42)) == ("000000000500", "999", "CLUB")
    assert request.tags(48) == {"DF20": "000000000012", "DF16": "complaint: missing"}
    row.attempts = 2
    assert message_of(row, "HOST0001").mti == "0201"
    assert message_of(row, "HOST0001").fields == request.fields
    row.state = "reversing"
    reversal = message_of(row, "HOST0001")
    assert (reversal.mti, reversal.text(11), reversal.text(7)) == ("0400", "600007", "0321063140")
    assert reversal.text(90) == "02003000070321063112" + "0" * 22
    assert 48 not in reversal.fields
    row.reversal_attempts = 3
    assert message_of(row, "HOST0001").mti == "0401"


@pytest.mark.parametrize(
    ("movement", "mti", "code"),
    [
        (movements.credit(12, 91, 5, "r"), "0200", "220091"),
        (movements.debit(12, 92, 5, "r"), "0200", "029200"),
        (movements.transfer(12, 13, 91, 5), "0200", "409191"),
        (movements.conversion(12, 91, 92, 5), "0200", "499192"),
        (movements.event(12, "review"), "0200", "290000"),
        (movements.release(12, "000000000017"), "0200", "930000"),
        (movements.load(96, 5, merchant_id="SHOP1", card_number="6280000000000017"), "0200", "210096"),
        (movements.spending(12, 91, 5000, units=5), "0200", "009100"),
        (movements.spending(12, 91, 5000, is_hold=True), "0100", "009100"),
        (movements.completion(12, 91, 5000, "000000000017"), "0200", "009100"),
        (movements.return_of(12, 5000, "000000000017"), "0200", "200000"),
    ],
    ids=lambda value: value.kind.value if isinstance(value, movements.Movement) else str(value),
)
def test_every_movement_is_a_message(movement: movements.Movement, mti: str, code: str) -> None:
    row = _row(movement)
    if movement.member_id is None:
        row.tags = dict(movement.tags)
    message = message_of(row, "HOST0001", movement.card_number)
    assert (message.mti, message.text(3)) == (mti, code)
    encode(load_spec("vafa"), message)


def test_a_movement_names_one_holder_and_an_amount_of_twelve_digits() -> None:
    with pytest.raises(ValueError, match="twelve digits"):
        movements.credit(12, 91, 10**12, "r")
    with pytest.raises(ValueError, match="member or a card"):
        movements.load(96, 5, merchant_id="SHOP1")


def test_a_long_reason_is_cut_between_letters() -> None:
    movement = movements.credit(12, 91, 5, "آ" * 100)
    assert movement.tags["DF16"] == "آ" * 20
