"""Business days as a fold of the journal: which one it is, and each terminal's totals on the last of them.

A day ends where the journal has a cut-over: what stands behind it belongs to the new day, whatever any clock
says. The first day is the local date on which the first rule table came into force.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator

from protocol.reconciliation import BatchTotals, is_debit
from switch.journal.entries import MET, CutOverEntry, ForwardedEntry, ReconciliationEntry, TransactionEntry
from switch.ledger.requests import request_key
from switch.rules.local_time import DAY_S, clock_of, local_day

# Part of the journal's meaning: a day that was forgotten can't be reconciled any more.
DAYS_KEPT = 8
# Transactions that one upload may hold; a terminal's own journal is far smaller.
UPLOAD_MAX = 4096

_HALF_DAY_S = DAY_S // 2
CREDITS, _CREDIT_REVERSALS, DEBITS, _DEBIT_REVERSALS = range(4)
AMOUNTS = 4
_COUNTED_TYPE = "0200"
_NO_FIGURES = bytes(8 * len(BatchTotals._fields))


class Upload:
    """An open upload.

    `seen` are the keys (see `request_key`) of all items that came, `met` the positions of those that are
    counted on the day, `differences` is the number of those that aren't EQUAL.
    """

    __slots__ = ("differences", "met", "seen")

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.met: set[int] = set()
        self.differences = 0

    def take(self, entry: ReconciliationEntry) -> None:
        """Take over the items of a message."""
        self.seen.update(request_key(item.transmitted_s, item.stan) for item in entry.items)
        self.met.update(item.position for item in entry.items if item.verdict in MET)
        self.differences += entry.differences


class DayBook:
    """One business day: its positions, and each terminal's totals and open upload.

    `last_position` is that of the cut-over that ended the day, 0 while it is open.
    """

    __slots__ = ("_figures", "day", "first_position", "last_position", "uploads")

    def __init__(self, day: int, first_position: int) -> None:
        self.day = day
        self.first_position = first_position
        self.last_position = 0
        self.uploads: dict[str, Upload] = {}
        self._figures: dict[str, array[int]] = {}

    @property
    def terminals(self) -> tuple[str, ...]:
        """Terminals of which anything was counted."""
        return tuple(self._figures)

    def totals(self, terminal_id: str) -> BatchTotals:
        """What the switch counted for a terminal."""
        figures = self._figures.get(terminal_id)
        return BatchTotals() if figures is None else BatchTotals(*figures)

    def holds(self, position: int) -> bool:
        """Whether an entry belongs to this day."""
        return self.first_position <= position and not 0 < self.last_position < position

    def figures(self, terminal_id: str) -> "array[int]":
        """Totals of a terminal as numbers that may be counted up, in the order of `BatchTotals`."""
        figures = self._figures.get(terminal_id)
        if figures is None:
            figures = self._figures[terminal_id] = array("q", _NO_FIGURES)
        return figures

    def count(self, terminal_id: str, kind: int, amount: int) -> None:
        """Count one message."""
        figures = self.figures(terminal_id)
        figures[kind] += 1
        figures[kind + AMOUNTS] += amount

    def digest_parts(self) -> Iterator[bytes]:
        """All of it in a fixed order and form, for hashing."""
        yield b"day %d:%d:%d;" % (self.day, self.first_position, self.last_position)
        for terminal_id, figures in sorted(self._figures.items()):
            yield f"{terminal_id}={figures.tolist()};".encode()
        for terminal_id, upload in sorted(self.uploads.items()):
            parts = (sorted(upload.seen), sorted(upload.met), upload.differences)
            yield f"{terminal_id}:{parts!r};".encode()


class BusinessDays:
    """The last DAYS_KEPT business days, the newest of which is open. Only `State.apply` changes them."""

    def __init__(self) -> None:
        self._open = DayBook(0, 1)
        self._books = {0: self._open}

    @property
    def open_day(self) -> DayBook:
        """The day that what comes next belongs to; its `day` is 0 before the first rule table."""
        return self._open

    @property
    def books(self) -> tuple[DayBook, ...]:
        """The days that are still known, oldest first."""
        return tuple(self._books.values())

    def book(self, day: int) -> DayBook | None:
        """A day, None where it isn't known any more or not yet."""
        return self._books.get(day)

    def month_day(self, position: int) -> str:
        """The day that an entry belongs to, as field 15 has it (MMDD); empty where it isn't known."""
        book = next((book for book in reversed(self._books.values()) if book.holds(position)), None)
        return f"{local_day(book.day).date:08d}"[4:] if book is not None and book.day else ""

    def begin(self, time_zone: str, at_s: int) -> None:
        """Tell of a rule table: the first one dates the first day, to which all before it belongs too."""
        if self._open.day == 0:
            self._open.day = business_day_at(time_zone, at_s, 0)
            self._books = {self._open.day: self._open}

    def cut_over(self, entry: CutOverEntry, position: int) -> None:
        """Close the open day and open another. ValueError where that isn't a later one."""
        if entry.day <= self._open.day:
            raise ValueError(f"business day {entry.day} can't follow {self._open.day}")
        self._open.last_position = position
        self._open = self._books[entry.day] = DayBook(entry.day, position + 1)
        while len(self._books) > DAYS_KEPT:
            del self._books[next(iter(self._books))]

    def count(self, entry: TransactionEntry | ForwardedEntry) -> bool:
        """Count an approved request that is neither a reversal nor the void of a hold; whether it counts.

        Of a partner's card as of ours: terminals tell both in their totals.
        """
        debit = is_debit(entry.mti, entry.processing_code, entry.currency, entry.amount)
        if debit is None:
            return False
        self._open.count(entry.terminal_id, DEBITS if debit else CREDITS, entry.amount)
        return True

    def count_reversal(self, reversal: TransactionEntry | ForwardedEntry) -> None:
        """Count the first reversal of a request that was counted; all but their message types is the same."""
        debit = is_debit(_COUNTED_TYPE, reversal.processing_code, reversal.currency, reversal.amount)
        kind = _DEBIT_REVERSALS if debit else _CREDIT_REVERSALS
        self._open.count(reversal.terminal_id, kind, reversal.amount)

    def reconcile(self, entry: ReconciliationEntry) -> None:
        """Take over a reconciliation: totals that don't agree open an upload, those that do end it.

        A wrong number of items at its end leaves it open for the missing ones.
        """
        book = self._books.get(entry.day)
        if book is None:
            return
        if entry.mti != "0500":
            upload = book.uploads.get(entry.terminal_id)
            if upload is not None:
                upload.take(entry)
        elif entry.response_code == "00":
            book.uploads.pop(entry.terminal_id, None)
        elif entry.announced is None:
            book.uploads[entry.terminal_id] = Upload()

    def restore(self, books: Iterable[DayBook]) -> None:
        """Take over the days that are known, oldest first; the last one is open."""
        self._books = {book.day: book for book in books}
        self._open = next(reversed(self._books.values()))

    def digest(self) -> bytes:
        """Hash over all days."""
        found = hashlib.sha256()
        for book in self._books.values():
            for part in book.digest_parts():
                found.update(part)
        return found.digest()


def business_day_at(time_zone: str, at_s: int, cut_over_minute: int) -> int:
    """Business day of a UTC second, as days since 1970-01-01.

    `cut_over_minute` counts from local midnight. One before noon ends the day before late, one from noon on
    begins the next day early.
    """
    late_s = cut_over_minute * 60
    if late_s >= _HALF_DAY_S:
        late_s -= DAY_S
    return (at_s + clock_of(time_zone).offset_s(at_s) - late_s) // DAY_S
