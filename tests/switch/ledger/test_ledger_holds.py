"""Amounts kept aside by authorisations."""

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.journal.entries import Stage, transfer_number
from switch.ledger.holds import Hold, Holds
from switch.ledger.posting import Shortage
from tests.amounts import many
from tests.switch.ledger.book import MEMBER, SHOP
from tests.switch.ledger.movements import book_with, give_back, hold, spend, take_back


@pytest.mark.parametrize("spent", [0, 1, 5, 7])
def test_a_hold_keeps_aside_and_is_completed_in_part_or_whole(spent: int) -> None:
    book = book_with([(10, 0, 4), (20, 0, 5)])
    position = hold(book, 7)
    held = book.state.holds[position]
    assert (held.account, held.credit_account, held.amount, held.tendered, held.purse) == (
        MEMBER,
        SHOP,
        7,
        500,
        91,
    )
    assert book.state.accounts.counters(MEMBER).debits_pending == 7
    assert book.state.accounts.counters(SHOP).credits_pending == 7
    assert book.state.accounts.balance(SHOP) == 0
    assert book.posting().available(MEMBER) == 2
    with pytest.raises(Shortage):
        spend(book, 3)
    done = book.transact(lambda posting: posting.complete(held, spent, 0), concerns=position)
    reference = book_with([(10, 0, 4), (20, 0, 5)])
    if spent:
        spend(reference, spent)
    assert book.lots() == reference.lots()
    assert book.state.accounts.balance(SHOP) == spent
    assert book.state.accounts.counters(MEMBER).debits_pending == 0
    assert book.state.holds == {}
    book.check()
    if spent:
        # A completion can be returned as any other spending.
        transfer = book.entry(done).transfers[0]
        assert (transfer.stage, transfer.origin) == (Stage.POST_PENDING, transfer_number(position, 0))
        give_back(book, done, spent)
        assert book.lots() == [(10, 0, 4), (20, 0, 5)]
        book.check()


def test_a_released_hold_pays_debt_that_came_up_meanwhile() -> None:
    book = book_with([(10, 0, 4)])
    position = hold(book, 4)
    take_back(book, 3)
    assert book.lots() == [(0, 0, -3)]
    held = book.state.holds[position]
    book.transact(lambda posting: posting.release(held), mti="0400", reverses=position)
    assert book.lots() == [(10, 0, 1)]
    assert book.state.holds == {}
    assert position not in book.state.returns
    book.check()


def test_a_hold_is_neither_overspent_nor_doubled() -> None:
    book = book_with([(10, 0, 9)])
    held = book.state.holds[hold(book, 4)]
    with pytest.raises(ValueError, match="at most what is held"):
        book.posting().complete(held, 5)
    posting = book.posting()
    posting.hold(MEMBER, SHOP, 1)
    with pytest.raises(ValueError, match="one hold"):
        posting.hold(MEMBER, SHOP, 1)


def a_hold(position: int, expires_at_s: int) -> Hold:
    return Hold(position, position << 8, MEMBER, SHOP, 5, (), expires_at_s, "T1", "SHOP1", None, None, 0)


@given(st.lists(st.tuples(st.sampled_from(["open", "close", "ask"]), st.integers(1, 30)), max_size=80))
@settings(max_examples=many(200), deadline=None)
def test_holds_are_found_by_their_expiry(steps: list[tuple[str, int]]) -> None:
    holds, plain = Holds(), dict[int, Hold]()
    for position, (step, number) in enumerate(steps, start=1):
        if step == "open":
            holds.open(a_hold(position, number))
            plain[position] = a_hold(position, number)
        elif step == "close" and number in plain:
            holds.close(number)
            del plain[number]
        elif step == "close":
            with pytest.raises(KeyError):
                holds.close(number)
        else:
            expired = [hold for hold in plain.values() if hold.expires_at_s <= number]
            expired.sort(key=lambda hold: (hold.expires_at_s, hold.position))
            assert holds.expired(number, 3) == expired[:3]
            assert holds.expired(number, 80) == expired
        assert holds == plain
        assert len(holds) == len(plain)


def test_closed_holds_leave_nothing_behind() -> None:
    holds = Holds()
    holds.open(a_hold(1, 10**9))
    tracemalloc.start()
    try:
        for position in range(2, 20_000):
            holds.open(a_hold(position, 10**9))
            holds.close(position)
        used_bytes = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert used_bytes < 50_000
    assert [hold.position for hold in holds.expired(10**9, 5)] == [1]
