"""A slip that can't be printed stays owed: the sale stands, the shop goes on, and the slip comes later."""

import pytest
from terminal.transactions import events

from tests.firmware.flow_bench import Bench, ready
from tests.firmware.test_flow_offline import shop


def failed(bench: Bench, *reasons: int | None) -> Bench:
    for reason in reasons:
        bench.flow.handle(events.PRINT_FAILED, reason)
    return bench


def approved(bench: Bench) -> Bench:
    """A sale up to its slip."""
    return bench.key("2500000").swipe().answer()


def owing(bench: Bench) -> Bench:
    return failed(approved(bench), events.NOT_BEGUN, events.NOT_BEGUN)


@pytest.mark.parametrize(
    ("reason", "is_copy"), [(events.NOT_BEGUN, False), (events.TORN, True)], ids=["nothing on paper", "torn"]
)
def test_without_room_a_slip_is_tried_once_more(reason: int, is_copy: bool) -> None:
    bench = failed(approved(ready()), reason)
    assert bench.state == "printing" and len(bench.wishes.slips) == 2
    assert ("COPY" in bench.slip) is is_copy
    bench.do(events.PRINTED)
    assert bench.state == "idle" and bench.journal.open_sales() == []


def test_then_it_is_owed_and_the_shopkeeper_is_told() -> None:
    bench = owing(ready())
    assert bench.state == "notice" and bench.wishes.logged[-2].startswith("slip_owed")
    assert bench.wishes.lines[:2] == ["Slip not printed", "Sale stands; Enter or M 3 1"]
    bench.timeout()
    assert bench.state == "idle" and bench.wishes.lines[3] == "Enter: print owed slip"
    assert [bool(sale.reply) for sale in bench.journal.open_sales()] == [True]
    # It is never taken back.
    assert bench.types_sent == ["0200"]


@pytest.mark.parametrize("way", ["enter", "menu", "a minute later"])
def test_an_owed_slip_comes_when_it_can(way: str) -> None:
    bench = owing(ready()).timeout()
    if way == "enter":
        bench.enter()
    elif way == "menu":
        bench.kind("reprint")
    else:
        assert bench.wishes.timer[1] == 60_000
        bench.timeout()
    assert bench.state == "printing" and "2,500,000" in bench.slip and "COPY" in bench.slip
    bench.do(events.PRINTED)
    assert bench.state == "idle" and bench.journal.open_sales() == []
    assert "Enter: print owed slip" not in bench.wishes.lines


def test_the_shop_sells_on_and_no_more_than_two_slips_are_owed() -> None:
    bench = owing(ready()).timeout()
    owing(bench).timeout()
    assert bench.state == "idle" and len(bench.journal.open_sales()) == 2
    slips = len(bench.wishes.slips)
    bench.key("5")
    assert bench.state == "printing" and len(bench.wishes.slips) == slips + 1
    # A printer that is not there for good must not end all business either.
    failed(bench, None).do(events.CANCEL)
    assert bench.state == "printing"
    failed(bench, None).do(events.CANCEL)
    assert bench.state == "idle" and bench.journal.open_sales() == []
    assert bench.sale().state == "idle"


def test_where_nobody_sees_to_the_printer_the_shop_opens_again() -> None:
    bench = failed(approved(ready()), None)
    assert bench.state == "printer_fault" and bench.wishes.lines[3] == "Enter: again; Cancel: none"
    bench.timeout().timeout()
    assert bench.state == "idle" and len(bench.journal.open_sales()) == 1


def test_after_a_power_cut_the_start_goes_on_and_the_slip_is_owed_still() -> None:
    first = owing(ready())
    second = failed(Bench(first.flash).do(events.ONLINE), events.NOT_BEGUN, events.NOT_BEGUN).timeout()
    assert second.state == "idle" and len(second.journal.open_sales()) == 1
    assert second.sale().state == "idle" and len(second.journal.open_sales()) == 1
    third = Bench(first.flash)
    assert third.state == "printing" and "2,500,000" in third.slip


def test_a_reversal_does_not_wait_for_an_owed_slip() -> None:
    bench = owing(ready()).timeout().key("70000").swipe().no_answer()
    assert bench.types_sent[-1] == "0400" and bench.state == "recovering"
    bench.answer().timeout()
    assert bench.state == "idle"
    assert [bool(sale.reply) for sale in bench.journal.open_sales()] == [True]


def test_the_end_of_the_day_counts_a_sale_without_its_slip() -> None:
    bench = owing(ready()).timeout().kind("settlement").enter()
    assert bench.types_sent[-1] == "0500" and bench.journal.open_sales() == []
    assert any(line.startswith("slip_given_up") for line in bench.wishes.logged)


def test_the_slip_of_a_sale_without_a_line_is_owed_too_and_comes_before_the_next() -> None:
    bench = failed(shop().key("70000").swipe(), events.TORN, events.TORN).timeout()
    assert bench.state == "idle" and bench.journal.unprinted()
    bench.key("5")
    assert bench.state == "printing" and "70,000" in bench.slip
    bench.do(events.PRINTED)
    assert bench.state == "idle" and not bench.journal.unprinted()


def test_a_slip_that_is_no_sales_asks_for_somebody() -> None:
    bench = failed(ready().kind("balance").swipe().answer(), events.NOT_BEGUN, events.NOT_BEGUN)
    assert bench.state == "printer_fault"
    bench.do(events.CANCEL)
    assert bench.state == "idle"
