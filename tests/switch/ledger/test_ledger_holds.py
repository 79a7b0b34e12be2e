"""Amounts kept aside by authorisations."""

import pytest

from switch.journal.entries import Stage, transfer_number
from switch.ledger.posting import Shortage
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
