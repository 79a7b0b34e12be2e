"""What time moves by itself, and what the programme owes."""

import pytest

from switch.journal.entries import Reason, RecordChange, Stage
from switch.ledger.accounts import (
    AccountKind,
    ProgrammeAccount,
    account_number,
    member_account,
    programme_account,
)
from switch.ledger.liability import LiabilityRow, liability
from switch.ledger.maintenance import due
from switch.rules.outcome import NEVER_S
from tests.switch.ledger.book import (
    BREAKAGE,
    CREDIT,
    CREDIT_PURSE,
    DAY_S,
    LIABILITY,
    MEMBER,
    OTHER,
    PLAIN_PURSE,
    POINTS,
    SHOP,
    Book,
    day,
)


def earn(
    book: Book, amount: int, expires_at_s: int = NEVER_S, account: int = MEMBER, available: int = 0
) -> int:
    programme = programme_account(ProgrammeAccount.LIABILITY, account & 0xFF)
    return book.transact(
        lambda posting: posting.earn(programme, account, amount, Reason.EARN, 0, available, expires_at_s)
    )


def hold(book: Book, amount: int, until_s: int) -> int:
    return book.transact(lambda posting: posting.hold(MEMBER, SHOP, amount), mti="0100", hold_until_s=until_s)


def test_nothing_is_due_on_an_empty_or_young_ledger() -> None:
    book = Book()
    assert due(book.state, book.now_s, 255) is None
    earn(book, 5, day(3))
    assert due(book.state, day(3) - 1, 255) is None


def test_lots_expire_at_their_second_to_the_programme() -> None:
    book = Book()
    earn(book, 5, day(3))
    earn(book, 4, day(4))
    earn(book, 3, day(3), OTHER)
    earn(book, 2, day(3), available=day(1))
    book.now_s = day(3)
    (entry,) = book.maintain()
    assert entry.at_ms == day(3) * 1000
    assert [(transfer.debit, transfer.amount) for transfer in entry.transfers] == [
        (MEMBER, 5),
        (MEMBER, 2),
        (OTHER, 3),
    ]
    for transfer in entry.transfers:
        assert (transfer.credit, transfer.reason, transfer.stage) == (BREAKAGE, Reason.EXPIRE, Stage.POSTED)
    assert (book.lots(), book.lots(OTHER)) == ([(4, 0, 4)], [])
    assert book.state.accounts.balance(BREAKAGE) == 10
    book.check()


def test_work_comes_in_pieces() -> None:
    book = Book()
    for number in range(1, 8):
        earn(book, number, day(number % 2 + 1), member_account(number, POINTS))
    book.now_s = day(9)
    pieces = book.maintain(limit=3)
    assert [len(entry.transfers) for entry in pieces] == [3, 3, 1]
    assert [transfer.amount for entry in pieces for transfer in entry.transfers] == [2, 4, 6, 1, 3, 5, 7]
    assert book.maintain() == []
    book.check()


def test_a_clock_set_back_expires_nothing_too_soon() -> None:
    book = Book()
    earn(book, 5, day(1))
    assert due(book.state, day(1)) is not None
    assert due(book.state, day(1) - 1) is None
    assert due(book.state, day(1)) is not None


def test_one_entry_has_at_most_255_transfers() -> None:
    book = Book()
    for number in range(1, 301):
        earn(book, 1, day(1), member_account(number, POINTS))
    book.now_s = day(1)
    assert [len(entry.transfers) for entry in book.maintain(limit=100_000)] == [255, 45]


@pytest.mark.parametrize(("lot", "left", "breakage"), [(3, -1, 0), (4, 0, 0), (5, 0, 1)])
def test_what_expires_pays_debt_first(lot: int, left: int, breakage: int) -> None:
    book = Book((PLAIN_PURSE._replace(overdraft_max=9),))
    earn(book, lot, day(2), available=day(1))
    book.transact(lambda posting: posting.spend(MEMBER, SHOP, 4, Reason.SPEND, 0))
    book.now_s = day(2)
    book.maintain()
    assert (book.state.accounts.balance(MEMBER), book.state.accounts.balance(BREAKAGE)) == (left, breakage)
    book.check()


def test_expired_holds_are_released_and_their_lots_expire_after() -> None:
    book = Book()
    earn(book, 5, day(1))
    earn(book, 5)
    first, second = hold(book, 7, day(2)), hold(book, 1, day(2) + 1)
    book.now_s = day(2)
    entries = book.maintain()
    assert [entry.released_holds for entry in entries] == [(first,), ()]
    assert [transfer.stage for transfer in entries[0].transfers] == [Stage.VOID_PENDING]
    assert list(book.state.holds) == [second]
    assert (book.lots(), book.state.accounts.balance(BREAKAGE)) == ([(-1, 0, 4)], 5)
    book.check()


def test_holds_end_in_the_order_of_their_expiry() -> None:
    book = Book()
    earn(book, 9)
    late, early, gone, same = (hold(book, 1, expires) for expires in (day(3), day(2), day(2), day(2)))
    held = book.state.holds[gone]
    book.transact(lambda posting: posting.release(held), processing_code="200000", concerns=gone)
    book.now_s = day(2) - 1
    assert book.maintain(1) == []
    book.now_s = day(3)
    assert [entry.released_holds for entry in book.maintain(1)] == [(early,), (same,), (late,)]
    assert book.state.holds == {}
    book.check()


def test_a_held_amount_does_not_expire() -> None:
    book = Book()
    earn(book, 5, day(1))
    position = hold(book, 5, day(2))
    book.now_s = day(1)
    assert book.maintain() == []
    held = book.state.holds[position]
    book.transact(lambda posting: posting.complete(held, 5), concerns=position)
    assert book.state.accounts.balance(SHOP) == 5


def test_what_comes_back_to_an_expired_lot_expires_again() -> None:
    book = Book()
    earn(book, 5, day(1))
    sale = book.transact(lambda posting: posting.spend(MEMBER, SHOP, 5, Reason.SPEND, 0))
    book.now_s = day(3)
    assert book.maintain() == []
    lots = book.entry(sale).lot_moves
    book.transact(lambda posting: posting.give_back(SHOP, MEMBER, 5, Reason.RETURN, 0, lots, 0, 1))
    assert len(book.maintain()) == 1
    assert book.state.accounts.balance(BREAKAGE) == 5


def test_inactive_members_and_households_lose_such_purses() -> None:
    pooled = CREDIT_PURSE._replace(inactivity_days=10)
    book = Book((PLAIN_PURSE._replace(inactivity_days=5), pooled))
    household = account_number(AccountKind.HOUSEHOLD, 7, CREDIT)
    record = (("DF20", "000000000022"), ("DF48", "000000000007"))
    book.transact(record_changes=(RecordChange("MEMBER", False, bytes(16), record),))
    for account in (MEMBER, OTHER, household, member_account(33, POINTS)):
        earn(book, 5, account=account)
    earn(book, 5, day(99), OTHER, available=NEVER_S)
    book.transact(activity=True, member_number=11)
    book.now_s = day(1) + 7
    book.transact(activity=True, member_number=22)
    seen = []
    for number in range(13):
        book.now_s = day(number) + 3
        entries = book.maintain()
        seen += [
            (number, transfer.debit, transfer.amount) for entry in entries for transfer in entry.transfers
        ]
    # Member 33 was only ever given something.
    assert seen == [(6, MEMBER, 5), (7, OTHER, 10), (12, household, 5)]
    book.check()


def test_inactivity_is_looked_for_once_a_day() -> None:
    book = Book((PLAIN_PURSE._replace(inactivity_days=5),))
    book.transact(activity=True, member_number=11)
    book.now_s = day(7)
    assert book.maintain() == []
    earn(book, 5)
    assert book.maintain() == []
    book.now_s += DAY_S
    assert len(book.maintain()) == 1


def test_liability_and_breakage() -> None:
    book = Book((PLAIN_PURSE._replace(value_give=3, value_per=2, overdraft_max=9), CREDIT_PURSE))
    earn(book, 10, day(20))
    earn(book, 4, day(2))
    earn(book, 5, day(20), available=day(9))
    earn(book, 7, NEVER_S, account_number(AccountKind.GIFT_CARD, 5, POINTS))
    earn(book, 2, NEVER_S, account_number(AccountKind.HOUSEHOLD, 5, CREDIT))
    book.transact(lambda posting: posting.spend(MEMBER, SHOP, 1, Reason.SPEND, 0))
    hold(book, 5, day(9))
    book.transact(lambda posting: posting.spend(OTHER, SHOP, 6, Reason.SPEND, 0))
    before = LiabilityRow(
        purse=POINTS, outstanding=25, pending=5, held=5, debt=6, expired=0, breakage=0, value=38
    )
    credit = LiabilityRow(
        purse=CREDIT, outstanding=2, pending=0, held=0, debt=0, expired=0, breakage=0, value=2
    )
    assert liability(book.state, book.now_s) == (before, credit)
    # Of the four that expire now one was spent and three are held: these three are new.
    earn(book, 3, day(2))
    book.now_s = day(2)
    due_now = before._replace(expired=3)
    assert liability(book.state, book.now_s) == (due_now, credit)
    book.maintain()
    assert liability(book.state, book.now_s) == (due_now._replace(expired=0, breakage=3), credit)
    # At this second what was pending can be spent.
    assert [row.pending for row in liability(book.state, day(9))] == [0, 0]
    assert [row.pending for row in liability(book.state, day(9) - 1)] == [5, 0]
    owed = sum(row.outstanding + row.expired - row.debt for row in liability(book.state, book.now_s))
    posted = sum(
        book.state.accounts.posted(account) for account in book.state.accounts if account >> 56 in (1, 3)
    )
    assert owed == -posted
    assert book.state.accounts.balance(LIABILITY) == -29
    assert set(book.state.accounts.trial_balance().values()) == {0}
    book.check()
