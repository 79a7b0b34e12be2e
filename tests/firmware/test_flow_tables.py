"""Every state of every flow can be left: by Cancel, by waiting, and by whatever comes next."""

import sys
from collections.abc import Callable

import pytest
from terminal.transactions import events, registry
from terminal.transactions.flow import Flow
from terminal.transactions.steps import pin

from tests.firmware.flow_bench import OTHER_CARD, Bench, Settings, digits, element, ready

Act = Callable[[Bench], object]
COULD_SPEND = digits(0xDF1D, 40_000)


def entered(text: str = "") -> Act:
    return lambda bench: bench.enter(text)


def swiped(bench: Bench) -> object:
    return bench.swipe()


def other_swiped(bench: Bench) -> object:
    return bench.swipe(OTHER_CARD)


def answered(private: bytes = b"") -> Act:
    return lambda bench: bench.answer(private=private)


def printed(bench: Bench) -> object:
    return bench.do(events.PRINTED)


def cleared(bench: Bench) -> object:
    return bench.do(events.CLEAR)


AMOUNT_AND_CARD = [entered("100000"), swiped]
SOLD = [answered(), printed]
# Each flow from its key to the paper.
WAYS: dict[str, list[Act]] = {
    "purchase": [*AMOUNT_AND_CARD, *SOLD],
    "redemption": [*AMOUNT_AND_CARD, *SOLD],
    "balance": [swiped, *SOLD],
    "points_payment": [*AMOUNT_AND_CARD, entered(), answered(COULD_SPEND), entered("30000"), *SOLD],
    "would_earn": [*AMOUNT_AND_CARD, answered(digits(0xDF01, 10)), entered(), *SOLD],
    "could_spend": [*AMOUNT_AND_CARD, answered(COULD_SPEND), lambda bench: bench.key("1"), printed],
    "forgotten_card": [entered("09120000000"), entered("100000"), *SOLD],
    "return": [entered(), entered(), swiped, entered(), *SOLD],
    "void": [swiped, entered(), *SOLD],
    "gift_activation": [swiped, entered(), *SOLD],
    "load": [swiped, entered("500000"), *SOLD],
    "issue": [swiped, *SOLD],
    "enrolment": [swiped, entered("09120000000"), *SOLD],
    "replacement": [swiped, other_swiped, entered(), *SOLD],
    "reprint": [printed],
    "settlement": [entered(), lambda bench: bench.answer(f66="1"), printed],
    "refused_sales": [],
    "login": [],
    "logout": [],
    "menu": [lambda bench: bench.key("4"), lambda bench: bench.do(events.CANCEL)],
    "parameters": [lambda bench: bench.key("1"), entered("30")],
    "keys": [entered()],
    "self_test": [entered(), entered(), swiped, answered(), cleared, printed],
}


def started(name: str) -> Bench:
    """A terminal with one sale behind it, at the first step of a flow."""
    return ready(store=Settings()).sale().kind(name)


def brought_home(bench: Bench) -> None:
    """Whatever it wants to be told, until it rests."""
    for _ in range(12):
        if bench.state in ("sending", "recovering", "asking"):
            bench.answer()
        elif bench.state == "printing":
            bench.do(events.PRINTED)
        elif bench.state != "idle":
            bench.timeout()
        elif bench.journal.open_sales():
            bench.do(events.ENTER)  # a slip is owed
    assert bench.state == "idle" and bench.journal.open_sales() == []


def test_every_flow_has_its_way() -> None:
    assert sorted(WAYS) == sorted(registry.names())


@pytest.mark.parametrize("name", registry.names())
def test_every_state_in_the_tables_has_cancel_and_timeout(name: str) -> None:
    bench = ready()
    bench.flow._load(registry.find(name)[1])
    tables = [Flow.spine, pin.TABLE, *bench.flow._tables]
    known = {key for table in tables for key in table}
    states = {state for state, _ in known}
    assert {"idle", "sending", "asking", "remove", "printing", "recovering"} <= states
    for state in states:
        assert (state, events.CANCEL) in known and (state, events.TIMEOUT) in known, state


@pytest.mark.parametrize("name", WAYS)
def test_the_whole_way(name: str) -> None:
    bench = started(name)
    for act in WAYS[name]:
        act(bench)
    if bench.state != "idle":
        assert bench.state == "notice"
        bench.timeout()
    assert bench.state == "idle" and bench.journal.open_sales() == []


@pytest.mark.parametrize("name", WAYS)
def test_leaving_at_each_step(name: str) -> None:
    for length in range(len(WAYS[name]) + 1):
        for is_cancelled in (True, False):
            bench = started(name)
            for act in WAYS[name][:length]:
                act(bench)
            if is_cancelled:
                bench.do(events.CANCEL)
            else:
                bench.timeout()
            brought_home(bench)


@pytest.mark.parametrize("name", WAYS)
def test_losing_the_line_or_the_power_at_each_step(name: str) -> None:
    for length in range(len(WAYS[name]) + 1):
        bench = started(name)
        for act in WAYS[name][:length]:
            act(bench)
        bench.do(events.OFFLINE, events.ENTER, events.CANCEL, events.ONLINE)
        brought_home(bench)
        bench = started(name)
        for act in WAYS[name][:length]:
            act(bench)
        owed = [sale.stan for sale in bench.journal.open_sales() if not sale.reply]
        again = Bench(bench.flash).do(events.ONLINE)
        assert [
            int(str(request[90])[4:10]) for _, mti, request, _ in again.wishes.sent if mti == "0400"
        ] == owed
        brought_home(again)


def loaded_flows() -> set[str]:
    return {module.rpartition(".")[2] for module in sys.modules if ".transactions.flows." in module}


@pytest.mark.parametrize("name", WAYS)
def test_a_flow_is_gone_from_memory_when_it_is_over(name: str) -> None:
    always = {"purchase", "redemption", "balance"}
    # Other terminals of this process may have been left in the middle of something.
    for other in loaded_flows() - always:
        del sys.modules["terminal.transactions.flows." + other]
    bench = started(name)
    assert len(loaded_flows()) <= len(always) + 1
    brought_home(bench)
    assert loaded_flows() == always


@pytest.mark.parametrize("name", ["reprint", "void"])
def test_nothing_sold_yet(name: str) -> None:
    bench = ready().kind(name)
    assert bench.state == "notice" and bench.wishes.lines[0] == "No sale to do this with"
    assert bench.wishes.lines[1] == "Use Return with its RRN"


def test_no_flow_that_nobody_knows() -> None:
    assert ready().kind("nonsense").state == "idle"


def test_a_ticket_for_what_was_won() -> None:
    bench = ready().key("5").swipe().answer(private=element(0xDF33, b"2xTEA;1xV-10"))
    assert bench.slip.count("TICKET") == 2
    for shown in ("2 × \u2068TEA\u2069", "1 × \u2068V-10\u2069", "vafa-ticket:000000000001:2xTEA"):
        assert shown in bench.slip
