"""What each flow sends, what it shows of the answer, and what its slip says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.cards.presented import PresentedCard
from terminal.messages import tlv
from terminal.transactions import events, request

from tests.firmware.flow_bench import (
    CARD,
    OTHER_CARD,
    Bench,
    Fields,
    OfflineShelf,
    digits,
    element,
    ready,
)

COULD_SPEND = digits(0xDF1D, 40_000)


def tag(fields: Fields, number: int) -> bytes | None:
    private = fields.get(48, b"")
    assert isinstance(private, bytes)
    found = tlv.find(private, number)
    return None if found is None else bytes(found)


def bcd(value: int) -> bytes:
    return bytes.fromhex(f"{value:012d}")


def offered(name: str = "points_payment") -> Bench:
    """A bill of 100,000 of which 40,000 could be paid from points."""
    return ready().kind(name).enter("100000").swipe().enter().answer(private=COULD_SPEND)


# Points


def test_part_of_a_bill_paid_with_points() -> None:
    bench = ready().kind("points_payment").enter("100000").swipe()
    assert bench.state == "choice" and bench.wishes.lines[0] == "1 Points  2 Card credit"
    bench.enter()
    assert (
        bench.types_sent == ["0100"] and bench.request[3] == "300000" and bench.request[4] == "000000100000"
    )
    bench.answer(private=COULD_SPEND)
    assert bench.wishes.lines[1:3] == ["At most 40,000", "40,000"]
    bench.enter("25000")
    assert bench.request[3] == "009100" and bench.request[4] == "000000100000"
    assert tag(bench.request, 0xDF0C) == bcd(25_000)
    bench.answer(private=digits(0xDF1A, 75_000) + digits(0xDF03, 25))
    assert "Left to pay 75,000" in bench.slip and "Points spent 25" in bench.slip


def test_all_that_can_be_paid_and_steps_below() -> None:
    assert tag(offered().enter().request, 0xDF0C) == bcd(40_000)
    bench = offered().kind("redemption").kind("redemption")
    assert bench.wishes.lines[2] == "20,000"
    assert bench.kind("redemption").kind("redemption").wishes.lines[2] == "40,000"


def test_no_more_than_the_switch_says() -> None:
    bench = offered().enter("40001")
    assert bench.state == "tender" and bench.wishes.lines[3] == "Amount not accepted"
    assert bench.types_sent == ["0100"]


def test_another_purse() -> None:
    bench = (
        ready().kind("points_payment").enter("100000").swipe().key("2").answer(private=COULD_SPEND).enter()
    )
    assert bench.request[3] == "009200"


def test_nothing_to_spend_says_what_to_do() -> None:
    bench = ready().kind("points_payment").enter("100000").swipe().enter().answer()
    assert bench.state == "notice" and bench.wishes.lines[:2] == ["Nothing to spend", "Make a plain purchase"]


def test_could_spend_goes_on_to_paying() -> None:
    bench = ready().kind("could_spend").enter("100000").swipe().answer(private=COULD_SPEND)
    assert bench.state == "result" and bench.wishes.lines[2] == "40,000" and bench.wishes.slips == []
    bench.enter()
    assert bench.state == "choice"
    assert bench.enter().request[4] == "000000100000"


def test_would_earn_and_then_the_purchase_with_one_key() -> None:
    bench = ready().kind("would_earn").enter("2500000").swipe().answer(private=digits(0xDF01, 250))
    assert bench.wishes.lines[:3] == ["Would earn", "Points earned", "250"]
    bench.enter()
    assert bench.types_sent == ["0100", "0200"]
    assert (
        bench.request[3] == "000000"
        and bench.request[4] == "000002500000"
        and bench.request[35] == CARD.track2
    )


def test_a_decline_of_an_inquiry_is_printed() -> None:
    bench = ready().kind("would_earn").enter("5").swipe().answer("61")
    assert "Limit exceeded" in bench.slip and bench.do(events.PRINTED).state == "idle"


# Returns


def test_a_void_needs_the_card_and_a_yes() -> None:
    bench = ready().sale(2_500_000).kind("void").swipe()
    assert bench.state == "confirm" and bench.wishes.lines[2] == "2,500,000"
    bench.enter()
    assert bench.request[3] == "200000" and bench.request[4] == "000002500000"
    assert tag(bench.request, 0xDF0E) == bcd(1)
    bench.answer(private=digits(0xDF1B, 2_500_000) + digits(0xDF32, 12))
    assert "Money back 2,500,000" in bench.slip and "Points back 12" in bench.slip


def test_a_return_in_part_of_any_sale() -> None:
    bench = ready().kind("return").enter("17").enter("900000").swipe().enter()
    assert tag(bench.request, 0xDF0E) == bcd(17) and bench.request[4] == "000000900000"


def test_a_return_of_the_last_sale_offers_the_whole_of_it() -> None:
    bench = ready().sale(70_000).kind("return").enter()
    assert bench.wishes.lines[2] == "70,000"
    bench.enter().swipe().enter()
    assert tag(bench.request, 0xDF0E) == bcd(1) and bench.request[4] == "000000070000"


@pytest.mark.parametrize("typed", ["", "0", "000000000000"])
def test_a_return_wants_a_number(typed: str) -> None:
    bench = ready().kind("return").enter(typed)
    assert bench.state == "number" and bench.wishes.lines[3] == "Number not accepted"


def test_after_a_power_cut_the_last_sale_can_still_be_voided() -> None:
    bench = Bench(ready().sale(70_000).flash).do(events.ONLINE).kind("void").swipe().enter()
    assert tag(bench.request, 0xDF0E) == bcd(1)


def test_the_last_receipt_again() -> None:
    bench = ready().sale(70_000).kind("reprint")
    assert "COPY" in bench.slip and "70,000" in bench.slip
    assert bench.do(events.PRINTED).state == "idle" and bench.types_sent == ["0200"]


# Cards


def test_a_gift_card_is_sold_with_a_load_or_without() -> None:
    bench = ready().kind("gift_activation").swipe().enter("500000")
    assert bench.request[3] == "900000" and bench.request[4] == "000000500000"
    assert ready().kind("gift_activation").swipe().enter().request[4] == "000000000000"


def test_a_gift_card_is_loaded() -> None:
    bench = ready().kind("load").swipe().enter()
    assert bench.state == "amount"
    bench.enter("500000")
    assert bench.request[3] == "210096"
    bench.answer(f54="9602364C000000500000")
    assert "Gift card load" in bench.slip and "Gift card 500,000" in bench.slip


def test_instant_issue_is_one_swipe() -> None:
    bench = ready().kind("issue").swipe()
    assert bench.request[3] == "900000" and bench.request[4] == "000000000000"


@pytest.mark.parametrize(
    ("dialled", "sent"),
    [("09120000000", b"+989120000000"), ("00441632960000", b"+441632960000"), ("", None)],
)
def test_enrolment_with_a_phone_or_without(dialled: str, sent: bytes | None) -> None:
    bench = ready().kind("enrolment").swipe().enter(dialled)
    assert bench.request[3] == "910000" and tag(bench.request, 0xDF19) == sent
    assert "New member" in bench.answer().slip


@pytest.mark.parametrize("dialled", ["9120000000", "0912", "0012", "00012345678", "09120000000000000"])
def test_what_is_no_phone_number(dialled: str) -> None:
    bench = ready().kind("enrolment").swipe().enter(dialled)
    assert bench.state == "number" and bench.wishes.lines[3] == "Number not accepted"


def test_a_card_replaced_by_another() -> None:
    bench = ready().kind("replacement").enter(CARD.number).swipe()
    assert bench.state == "new_card" and bench.wishes.lines[3] == "That is the same card"
    bench.swipe(OTHER_CARD).enter()
    assert bench.request[2] == CARD.number and bench.request[3] == "920000"
    assert tag(bench.request, 0xDF18) == OTHER_CARD.number.encode()


def test_a_forgotten_card_and_the_code() -> None:
    bench = ready(pin=True).kind("forgotten_card").enter("09120000000").enter("50000")
    assert (bench.request[2], bench.request[22]) == ("989120000000", "011")
    bench.answer("70")
    assert bench.state == "pin" and bench.journal.open_sales() == [] and bench.wishes.slips == []
    bench.key("1234")
    assert bench.wishes.lines[2] == "****"
    bench.enter()
    assert tag(bench.request, 0xDF34) == b"1234\xff\xff\xff\xff20000000"
    assert tag(bench.request, 0xDF5E) == b"serialnumber"
    assert bench.request[4] == "000000050000" and bench.wishes.sent[0][2][11] != bench.request[11]
    bench.answer("55")
    assert bench.wishes.lines[3] == "Wrong: again"
    bench.enter("4321").answer().do(events.PRINTED)
    assert bench.state == "idle" and bytes(bench.flow.pin) == b""


def test_a_short_pin_is_not_sent() -> None:
    bench = ready(pin=True).key("5").swipe().answer("70").enter("123")
    assert bench.state == "pin" and bench.types_sent == ["0200"]


def test_without_a_pin_key_a_pin_is_not_asked_for() -> None:
    assert "PIN needed" in ready().key("5").swipe().answer("70").slip


def test_what_proves_a_card_goes_along() -> None:
    bench = ready().key("5")
    bench.flow.handle(events.CARD, PresentedCard("6369490000000013", "071", None, ((0xDF60, b"proof"),)))
    assert bench.request[22] == "071" and tag(bench.request, 0xDF60) == b"proof"


# Without a line


def test_a_sale_without_a_line_is_kept_and_forwarded_when_there_is_one() -> None:
    shelf = OfflineShelf()
    bench = Bench(offline=shelf)
    assert bench.state == "idle" and bench.wishes.lines[3] == "No line: points come later"
    bench.key("70000").swipe()
    assert bench.wishes.sent == [] and len(shelf.kept) == 1
    assert "will be added later" in bench.slip and bench.journal.open_sales() == []
    bench.do(events.PRINTED, events.ONLINE)
    assert bench.types_sent == ["0220"] and bench.wishes.sent[0][3] == shelf.kept[0] and bench.state == "idle"
    bench.key("5").swipe()
    assert bench.types_sent == ["0220", "0200"]
    bench.answer().do(events.PRINTED)
    bench.no_answer()
    bench.flow.handle(events.NO_ANSWER, 0)
    assert bench.types_sent == ["0220", "0200", "0220"]
    bench.answer()
    assert shelf.told == [(str(bench.request[11]), "00")] and shelf.kept == []


def test_a_refusal_without_a_line_says_why() -> None:
    bench = Bench(offline=OfflineShelf("offline_amount")).key("70000").swipe()
    assert bench.state == "notice" and bench.wishes.lines[0] == "Too much without a line"
    assert Bench(offline=OfflineShelf()).kind("return").wishes.lines[0] == "No connection"


# Answers that lack something, or hold nonsense


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(
        ["purchase", "redemption", "balance", "would_earn", "could_spend", "load", "points_payment"]
    ),
    st.dictionaries(st.sampled_from([37, 38, 39, 48, 54]), st.text(max_size=60) | st.binary(max_size=60)),
)
def test_any_reply_leads_home_and_only_00_is_approved(name: str, odd: Fields) -> None:
    bench = ready().kind(name)
    for _ in range(3):
        if bench.state in ("amount", "choice"):
            bench.key("1").do(events.ENTER)
        if bench.state == "card":
            bench.swipe()
    token, mti, fields, payload = bench.wishes.sent[-1]
    reply: Fields = {7: fields[7], 11: fields[11], 41: fields[41], **odd}
    bench.flow.handle(events.ANSWER, (token, payload, mti[:2] + "10", reply))
    if reply.get(39) != "00":
        assert all("Approved" not in line for slip in bench.wishes.slips for line in slip)
    if bench.state == "printing":
        bench.do(events.PRINTED)
    bench.do(events.CANCEL)
    assert bench.state == "idle" and bench.journal.open_sales() == []


@given(st.text("0123456789", max_size=7))
def test_kinds_of_processing_codes(code: str) -> None:
    assert request.kind_of(code) in [kind for kind, _ in request._PROCESSING]


def test_each_kind_is_known_by_its_code() -> None:
    for kind, pattern in request._PROCESSING:
        assert request.kind_of(pattern.replace("PP", "94")) == kind


def test_declines_say_what_to_do() -> None:
    bench = ready().do(events.CARD_IN).key("5").swipe().answer("51")
    assert bench.state == "remove"
    assert bench.wishes.lines == [
        "Insufficient funds",
        "Remove the card",
        "Smaller amount, or cash",
        "Enter: receipt",
    ]


def test_a_balance_with_a_card_at_rest() -> None:
    bench = ready().swipe()
    assert "B balance" in bench.wishes.lines[3]
    assert bench.kind("balance").types_sent == ["0100"]
    assert element(0xDF01, b"") == b"\xdf\x01\x00"
