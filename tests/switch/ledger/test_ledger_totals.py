"""Sums of all holders, found in slices while the ledger moves on, are those of one position."""

import random

import pytest

from switch.journal.entries import Reason
from switch.ledger.accounts import AccountKind, ProgrammeAccount, account_number, has_lots, programme_account
from switch.ledger.totals import TotalsWalk
from switch.rules.outcome import NEVER_S
from tests.switch.ledger.book import CREDIT, POINTS, Book

KINDS = (AccountKind.MEMBER, AccountKind.HOUSEHOLD, AccountKind.GIFT_CARD)
PURSES = (POINTS, CREDIT)


def move_something(book: Book, source: random.Random) -> None:
    purse = source.choice(PURSES)
    account = account_number(source.choice(KINDS), source.randint(1, 40), purse)
    liability = programme_account(ProgrammeAccount.LIABILITY, purse)
    held = book.state.lots.available(account, book.now_s)
    if held > 0 and source.random() < 0.4:
        amount = source.randint(1, held)
        book.transact(lambda posting: posting.spend(account, liability, amount, Reason.ADJUST, 0))
    else:
        amount, expires_at_s = source.randint(1, 99), source.choice([NEVER_S, book.now_s + 1000])
        book.transact(
            lambda posting: posting.earn(liability, account, amount, Reason.EARN, 0, 0, expires_at_s)
        )


def read_at_once(book: Book) -> dict[tuple[AccountKind, int], int]:
    walk = TotalsWalk(book.state)
    walk.step(len(book.state.accounts))
    assert walk.is_done
    return walk.sums


@pytest.mark.parametrize("seed", range(8))
def test_sums_are_those_of_the_position_at_which_the_walk_ended(seed: int) -> None:
    source, book = random.Random(seed), Book()
    for _ in range(60):
        move_something(book, source)
    walk = TotalsWalk(book.state)
    while not walk.is_done:
        for _ in range(source.randint(0, 5)):  # old accounts move, and new ones come up
            move_something(book, source)
        walk.step(source.randint(1, 7))
    assert walk.position == book.state.position
    expected: dict[tuple[AccountKind, int], int] = {}
    for number in book.state.accounts:
        if has_lots(number):
            key = (AccountKind(number >> 56), number & 0xFF)
            expected[key] = expected.get(key, 0) + book.state.lots.balance(number)
    assert {key: amount for key, amount in walk.sums.items() if amount} == expected
    assert read_at_once(book) == expected


def test_an_empty_ledger_has_no_sums() -> None:
    book = Book()
    assert read_at_once(book) == {}
