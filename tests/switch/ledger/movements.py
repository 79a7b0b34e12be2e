"""Single movements of a sample member, each an entry of its own."""

from switch.journal.entries import NO_GRANT, LotMove, Reason, transfer_number
from switch.rules.outcome import NEVER_S
from switch.rules.purses import Purse
from tests.switch.ledger.book import LIABILITY, MEMBER, NEVER, PLAIN_PURSE, SHOP, Book, day

Lots = list[tuple[int, int, int]]


def book_with(lots: Lots, purse: Purse = PLAIN_PURSE) -> Book:
    """A member with lots of (expiry day, available day, amount)."""
    book = Book((purse,))
    for expires, available, amount in lots:
        earn(book, amount, expires, available)
    return book


def earn(book: Book, amount: int, expires: int = 30, available: int = 0, account: int = MEMBER) -> int:
    expires_at_s = NEVER_S if expires == NEVER else day(expires)
    available_from_s = NEVER_S if available == NEVER else day(available) if available else 0
    return book.transact(
        lambda posting: posting.earn(
            LIABILITY, account, amount, Reason.EARN, NO_GRANT, available_from_s, expires_at_s
        )
    )


def spend(book: Book, amount: int, account: int = MEMBER, credit: int = SHOP) -> int:
    return book.transact(lambda posting: posting.spend(account, credit, amount, Reason.SPEND, NO_GRANT))


def spent_lots(book: Book, position: int, index: int = 0) -> tuple[LotMove, ...]:
    return tuple(move for move in book.entry(position).lot_moves if move.transfer == index and move.delta < 0)


def give_back(book: Book, position: int, amount: int, already: int = 0) -> int:
    sold = book.entry(position).transfers[0]
    return book.transact(
        lambda posting: posting.give_back(
            sold.credit,
            sold.debit,
            amount,
            Reason.RETURN,
            NO_GRANT,
            spent_lots(book, position),
            already,
            transfer_number(position, 0),
        )
    )


def take_back(book: Book, amount: int, expires: int = 30, available: int = 0, allow_debt: bool = True) -> int:
    return book.transact(
        lambda posting: posting.take_back(
            MEMBER,
            LIABILITY,
            amount,
            Reason.RETURN,
            NO_GRANT,
            day(available) if available else 0,
            day(expires),
            allow_debt,
            1,
        )
    )


def hold(book: Book, amount: int, minutes: int = 60) -> int:
    return book.transact(
        lambda posting: posting.hold(MEMBER, SHOP, amount, 0),
        mti="0100",
        hold_until_s=book.now_s + minutes * 60,
        member_number=11,
        tendered=500,
    )
