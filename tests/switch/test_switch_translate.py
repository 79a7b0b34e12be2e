"""From messages to typed requests and from replies to fields: whole messages."""

import pytest

from protocol.balances import BALANCES_MAX, unpack_balances
from protocol.dialect import ProcessingCode, PurseCode, Tag, load_of, purchase_from, transfer_of
from protocol.message import Message
from protocol.message_type import is_response
from switch.authoriser.decision import Reply
from switch.authoriser.request import (
    NO_DETAILS,
    FileAction,
    Financial,
    PinState,
    Reversal,
    Step,
)
from switch.gate.translate import fields_of_reply, request_of
from switch.rules.purses import Purse, PurseUnit
from tests.protocol.golden_vectors import MESSAGES, GoldenMessage
from tests.switch.wire_requests import (
    BASE,
    CARD,
    KEYRING,
    NOW_MS,
    PIN,
    TERMINAL,
    TOKEN,
    financial,
    refused,
    translated,
)

REQUESTS = [case for case in MESSAGES if not is_response(case.message.mti) and case.message.mti[1] != "8"]


def test_a_plain_purchase() -> None:
    request = financial()
    assert request == Financial(
        request.identity,
        step=Step.FINANCIAL,
        processing_code="000000",
        amount=2_500_000,
        currency="364",
        merchant_id="M1",
        entry_mode="021",
        card_token=TOKEN,
        member_number=None,
        details=NO_DETAILS,
        pin=PinState.ABSENT,
    )
    assert (request.identity.terminal_id, request.identity.stan) == ("T0000001", 1)
    assert request.identity.transmitted_s == NOW_MS // 1000


@pytest.mark.parametrize(
    ("mti", "step"),
    [
        ("0100", Step.AUTHORISATION),
        ("0101", Step.AUTHORISATION),
        ("0200", Step.FINANCIAL),
        ("0201", Step.FINANCIAL),
        ("0220", Step.ADVICE),
        ("0221", Step.ADVICE),
    ],
)
def test_the_step_is_that_of_the_message_type(mti: str, step: Step) -> None:
    assert financial(mti=mti).step is step


def test_an_inquiry_without_an_amount_has_none() -> None:
    assert financial(mti="0100", fields={3: "310000", 4: None}).amount == 0


def test_repeats_and_originals_have_the_same_digest_and_others_have_not() -> None:
    first = financial(mti="0220").identity
    assert financial(mti="0221").identity == first
    assert financial({"DF12": "7"}, mti="0220").identity.digest != first.digest


def test_a_member_is_named_by_exactly_one_of_card_track_and_number() -> None:
    track = f"{CARD}=30121010000000000"
    assert financial(fields={2: None, 35: track}).card_token == TOKEN
    by_number = financial({Tag.MEMBER_NUMBER: "000000000012"}, fields={2: None})
    assert (by_number.card_token, by_number.member_number) == (None, 12)
    assert refused(fields={35: track}) == "35"
    assert refused(fields={2: None}) == "2|35"
    assert refused({"DF20": "000000000012"}) == "48.DF20"
    assert refused({"DF20": "000000000000"}, fields={2: None}) == "48.DF20"


def test_file_actions_keep_texts_and_bytes_of_records_alone() -> None:
    request = translated(
        Message(
            "0300",
            {
                2: CARD,
                7: "1121200000",
                11: "000001",
                41: "T0000001",
                91: "1",
                101: "CARD",
                120: {"DF29": "000000000007", "DF51": bytes(8), "DF42": b"\x05", "DF01": "000000000001"},
            },
        )
    )
    assert isinstance(request, FileAction)
    assert request.card_token == TOKEN
    assert request.record == (("DF29", "000000000007"), ("DF51", bytes(8)), ("DF42", b"\x05"))


def test_a_reversal_names_its_original() -> None:
    fields = {number: value for number, value in BASE.items() if number != 22}
    request = translated(Message("0400", {**fields, 90: "0220000007112119595900" + "0" * 20}))
    assert isinstance(request, Reversal)
    assert (request.original_mti, request.original_stan, request.amount) == ("0220", 7, 2_500_000)
    assert request.original_s == request.identity.transmitted_s - 1


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.name)
def test_golden_requests_are_understood(case: GoldenMessage) -> None:
    request = request_of(
        case.message,
        case.payload,
        KEYRING,
        NOW_MS,
        terminal=TERMINAL,
        pin_checks=lambda token: KEYRING.pin_check(token, PIN),
    )
    if isinstance(request, Financial):
        has_pin = case.name == "purchase with a PIN"
        assert request.pin is (PinState.RIGHT if has_pin else PinState.ABSENT)


def _purse(code: int, currency: str) -> Purse:
    return Purse(code, f"p{code}", "", "", PurseUnit.POINTS, currency, 1, 1, 0, True, False, False, 0, 0)


PURSES = {91: _purse(91, "999"), 92: _purse(92, "364")}


def test_balances_of_a_reply() -> None:
    reply = Reply("00", 17, "000017", ((91, 250), (92, -5), (77, 10**13)), (("DF01", "000000000250"),))
    own = fields_of_reply("0200", reply, PURSES)
    assert (own[37], own[38], own[39]) == ("000000000017", "000017", "00")
    assert own[48] == {"DF01": "000000000250"}
    balances = unpack_balances(str(own[54]))
    assert [(each.account_type, each.currency, each.amount) for each in balances] == [
        ("91", "999", 250),
        ("92", "364", -5),
        ("77", "999", 999_999_999_999),
    ]


def test_a_reply_has_six_balances_at_most() -> None:
    reply = Reply("00", balances=tuple((code, code) for code in range(60, 70)))
    balances = unpack_balances(str(fields_of_reply("0100", reply, PURSES)[54]))
    assert [each.amount for each in balances] == list(range(60, 60 + BALANCES_MAX))


@pytest.mark.parametrize(("mti", "numbers"), [("0100", {37, 38, 39}), ("0220", {37, 38, 39}), ("0300", {39})])
def test_file_actions_tell_no_position(mti: str, numbers: set[int]) -> None:
    assert fields_of_reply(mti, Reply("00", 17, "000017"), PURSES).keys() == numbers


def test_processing_codes_of_purses() -> None:
    assert purchase_from(PurseCode.POINTS) == ProcessingCode.PURCHASE_FROM_POINTS
    assert purchase_from(PurseCode.GIFT) == ProcessingCode.PURCHASE_FROM_GIFT
    assert (load_of(PurseCode.GIFT), transfer_of(PurseCode.POINTS)) == ("210096", "409191")
