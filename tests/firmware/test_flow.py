"""The states that all flows share: events in, recorded wishes out, a real journal on simulated flash."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.devices.misread import Misread
from terminal.messages.codec import unpack
from terminal.transactions import events
from terminal.transactions.flow_core import FlowCore
from terminal.transactions.journal import Journal

from tests.firmware.flow_bench import CARD, Bench, ready


def test_the_four_steps() -> None:
    bench = ready()
    assert bench.flow.state == "idle"
    bench.do(events.CARD_IN).swipe()
    assert bench.flow.state == "amount"
    bench.key("2500000").do(events.ENTER)
    assert bench.flow.state == "sending"
    (sale,) = bench.journal.open_sales()
    assert bench.journal.read(sale.intent) == bench.wishes.sent[0][3]
    bench.answer()
    assert bench.flow.state == "remove" and bench.wishes.slips == []
    bench.do(events.CARD_OUT)
    assert bench.flow.state == "printing" and len(bench.wishes.slips) == 1
    assert bench.journal.open_sales() != []
    bench.do(events.PRINTED)
    assert bench.flow.state == "idle" and bench.journal.open_sales() == []


def test_a_card_already_gone_does_not_hold_the_receipt() -> None:
    bench = ready().do(events.CARD_IN).swipe().key("5").do(events.ENTER, events.CARD_OUT)
    assert bench.flow.state == "sending"
    bench.answer()
    assert bench.flow.state == "printing"


def test_a_card_left_in_the_slot_holds_the_receipt_only_so_long() -> None:
    bench = ready().do(events.CARD_IN).swipe().key("5").do(events.ENTER).answer().timeout()
    assert bench.flow.state == "printing"


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        ([events.CANCEL], "idle"),
        ([events.CARD_OUT], "idle"),
        ([events.ENTER], "amount"),
        ([events.CLEAR], "amount"),
        ([events.OFFLINE], "amount"),
        ([events.OFFLINE, events.CANCEL], "out_of_service"),
        ([events.PRINTED], "amount"),
    ],
)
def test_amount_state(happened: list[int], state: str) -> None:
    bench = ready().swipe().do(*happened)
    assert bench.flow.state == state
    assert bench.wishes.sent == [] and bench.journal.open_sales() == []


def test_amounts_are_keyed_and_corrected() -> None:
    bench = ready().swipe().key("0012345").do(events.CLEAR)
    assert bench.wishes.lines[2] == "1,234"
    bench.do(events.ENTER)
    assert bench.wishes.sent[0][2][4] == "000000001234"


def test_an_amount_above_the_limit_is_refused() -> None:
    bench = Bench(amount_limit=1000).do(events.ONLINE).swipe().key("1001").do(events.ENTER)
    assert bench.flow.state == "amount" and bench.wishes.lines[3] == "Amount not accepted"


def test_no_connection_at_enter_refuses_before_anything_is_written() -> None:
    bench = ready().swipe().key("5").do(events.OFFLINE, events.ENTER)
    assert bench.flow.state == "notice" and bench.wishes.lines[0] == "No connection"
    assert bench.journal.open_sales() == [] and bench.wishes.sent == []


def test_kinds_before_and_after_the_swipe() -> None:
    assert ready().kind("redemption").swipe().key("5").do(events.ENTER).wishes.sent[0][2][3] == "009100"
    assert ready().swipe().kind("redemption").key("5").do(events.ENTER).wishes.sent[0][2][3] == "009100"
    before = ready().kind("balance").swipe()
    after = ready().swipe().kind("balance")
    assert before.types_sent == after.types_sent == ["0100"]
    assert before.journal.open_sales() == []
    before.no_answer()
    assert before.types_sent == ["0100"] and before.flow.state == "notice"


def test_a_chosen_kind_is_forgotten_after_a_while() -> None:
    bench = ready().kind("redemption").timeout().swipe().key("5").do(events.ENTER)
    assert bench.wishes.sent[0][2][3] == "000000"


def test_a_decline_needs_no_reversal_and_prints() -> None:
    bench = ready().swipe().key("5").do(events.ENTER).answer("51")
    assert bench.journal.open_sales() == []
    assert "Insufficient funds" in "".join(bench.wishes.slips[0])


def test_no_answer_owes_a_reversal_before_anything_else() -> None:
    bench = ready().swipe().key("5").do(events.ENTER).no_answer()
    assert bench.types_sent == ["0200", "0400"]
    assert bench.flow.state == "recovering"
    bench.swipe().do(events.ENTER)
    assert bench.flow.state == "recovering"
    bench.no_answer().timeout().answer("96").timeout()
    assert bench.types_sent == ["0200", "0400", "0401", "0401"]
    waits = [bench.wishes.timer[1]]
    for _ in range(10):
        bench.no_answer()
        waits.append(bench.wishes.timer[1])
        bench.timeout()
    assert waits[-1] == 30000
    bench.answer("00")
    assert bench.flow.state == "notice" and bench.journal.open_sales() == []


@pytest.mark.parametrize("code", ["00", "21"])
def test_acknowledgements_that_end_a_reversal(code: str) -> None:
    bench = ready().swipe().key("5").do(events.ENTER).no_answer().answer(code)
    assert bench.journal.open_sales() == []


def test_a_reversal_waits_for_the_link() -> None:
    bench = ready().swipe().key("5").do(events.ENTER, events.OFFLINE).no_answer()
    assert bench.types_sent == ["0200"]
    bench.do(events.ONLINE)
    assert bench.types_sent == ["0200", "0400"]


def test_stale_answers_and_timers_do_nothing() -> None:
    bench = ready().swipe().key("5").do(events.ENTER)
    token = bench.wishes.sent[0][0]
    bench.no_answer()
    bench.answer("00", token=token)
    assert bench.flow.state == "recovering" and len(bench.journal.open_sales()) == 1
    bench.flow.handle(events.TIMEOUT, 1)
    assert bench.flow.state == "recovering"


def test_after_a_restart_the_reversal_comes_before_any_sale() -> None:
    bench = ready().swipe().key("5").do(events.ENTER)
    after = Bench(bench.flash)
    assert after.flow.state == "out_of_service" and after.wishes.sent == []
    after.do(events.ONLINE)
    assert after.types_sent == ["0400"]
    again = Bench(bench.flash).do(events.ONLINE)
    assert again.types_sent == ["0401"]
    assert again.wishes.sent[0][2][11] == after.wishes.sent[0][2][11]
    mti, fields = unpack(again.wishes.sent[0][3])
    assert mti == "0401" and fields[128] != b""


def test_after_a_restart_an_approved_sale_prints_a_copy_even_without_a_link() -> None:
    bench = ready().do(events.CARD_IN).swipe().key("5").do(events.ENTER).answer()
    after = Bench(bench.flash)
    assert after.flow.state == "printing"
    assert any("COPY" in line for line in after.wishes.slips[0])
    after.do(events.PRINTED)
    assert Bench(bench.flash).wishes.slips == []


def test_a_printer_fault_can_be_retried_or_given_up() -> None:
    bench = ready().swipe().key("5").do(events.ENTER).answer().do(events.PRINT_FAILED)
    assert bench.flow.state == "printer_fault"
    bench.do(events.ENTER)
    assert len(bench.wishes.slips) == 2 and any("COPY" in line for line in bench.wishes.slips[1])
    bench.do(events.PRINT_FAILED, events.CANCEL)
    assert bench.flow.state == "idle" and bench.journal.open_sales() == []


def test_a_full_journal_refuses_politely() -> None:
    bench = ready().swipe().key("5")
    for _ in range(4):
        stan = bench.journal.next_stan()
        bench.journal.intend(stan, bench_request(stan))
    bench.do(events.ENTER)
    assert bench.flow.state == "notice" and bench.wishes.lines[0] == "Memory full: call support"
    assert bench.wishes.sent == []


def bench_request(stan: int) -> bytes:
    """What another flow of the same terminal might have written."""
    other = ready().swipe().key(str(stan)).do(events.ENTER)
    return other.wishes.sent[0][3]


def test_the_amount_first_then_the_card_and_that_is_all() -> None:
    bench = ready().key("2500000")
    assert bench.flow.state == "amount" and bench.wishes.lines[2] == "2,500,000" and bench.wishes.large == 2
    bench.swipe()
    assert bench.flow.state == "sending" and bench.request[4] == "000002500000"


def test_an_amount_and_enter_ask_for_the_card() -> None:
    bench = ready().enter("7")
    assert bench.flow.state == "card" and bench.wishes.lines[1] == "Present the card"
    assert bench.swipe().flow.state == "sending"


def test_a_number_keyed_in_stands_for_the_card() -> None:
    bench = ready().enter("7").enter("12345")
    assert bench.flow.state == "card" and bench.wishes.lines[3] == "Number not accepted"
    bench.enter(CARD.number)
    assert (bench.request[2], bench.request[22]) == (CARD.number, "011") and 35 not in bench.request


def test_cancelling_while_it_is_sent_takes_the_sale_back() -> None:
    bench = ready().key("5").swipe().do(events.CANCEL)
    assert bench.types_sent == ["0200", "0400"] and bench.flow.state == "recovering"
    bench.answer()
    assert bench.flow.state == "notice" and bench.journal.open_sales() == []


def test_a_misread_asks_again() -> None:
    bench = ready()
    bench.flow.handle(events.MISREAD, Misread("parity"))
    assert bench.wishes.lines[0] == "Please swipe again"
    assert bench.swipe().flow.state == "amount"


def test_nothing_logged_names_the_card() -> None:
    bench = ready().swipe().key("5").do(events.ENTER).no_answer().no_answer().timeout().answer()
    assert bench.wishes.logged and not any(
        CARD.number in line or CARD.track2 in line for line in bench.wishes.logged
    )


EVENTS = [value for name, value in vars(events).items() if name.isupper()]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_order_of_events_keeps_the_promises(data: st.DataObject) -> None:
    bench = Bench()
    for _ in range(60):
        event = data.draw(st.sampled_from(EVENTS))
        sent, slips = len(bench.wishes.sent), len(bench.wishes.slips)
        if event == events.CARD:
            bench.swipe()
        elif event == events.DIGIT:
            bench.key("7")
        elif event == events.KIND:
            bench.kind(data.draw(st.sampled_from(["purchase", "redemption", "balance"])))
        elif event == events.MISREAD:
            bench.flow.handle(event, Misread("lrc"))
        elif event == events.TIMEOUT:
            bench.timeout()
        elif event == events.ANSWER and bench.wishes.sent:
            bench.answer(data.draw(st.sampled_from(["00", "51", "96"])))
        elif event == events.NO_ANSWER and bench.wishes.sent:
            bench.no_answer()
        elif event in (events.ANSWER, events.NO_ANSWER):
            continue
        else:
            bench.do(event)
        held = bench.journal.open_sales()
        assert len(held) <= 1
        for _, mti, _, payload in bench.wishes.sent[sent:]:
            # What leaves is in the journal, and a sale leaves only when nothing else is owed.
            if mti == "0200":
                assert [bench.journal.read(sale.intent) for sale in held] == [payload]
            if mti == "0400":
                assert [bench.journal.read(sale.reversal) for sale in held] == [payload]
        assert len(bench.wishes.slips) <= slips + 1
        if bench.flow.state == "idle":
            assert held == []
        again = Journal(bench.flash)
        assert [sale.stan for sale in again.open_sales()] == [sale.stan for sale in held]
    assert isinstance(bench.flow, FlowCore)
