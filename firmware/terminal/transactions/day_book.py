"""The day's account for the settlement with the switch: sums, and records where they differ."""

from binascii import unhexlify

from terminal.transactions.batch import Batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.system.clock import Clock
    from terminal.transactions.journal import Journal

_ALL = 1 << 30


class DayTotals:
    """What this terminal did on a day, as of one moment.

    That is all since the settlement before; where this same day was settled already, also what was settled
    then, as far as its records are still on flash: the switch compares whole days.

    `day` is field 15 (MMDD), `figures` are fields 74 to 77 and 86 to 89 by number. `number` counts the
    transactions, `packed` is what `Journal.settle` takes.
    """

    def __init__(self, journal: "Journal", day: str) -> None:
        self.day = day
        self.packed = journal.batch.pack()
        self._journal = journal
        self._day = unhexlify(day)
        batch = journal.batch
        if journal.settled_day == self._day:
            batch = Batch()
            self._give(self._begin(), _ALL, batch.add)
        fields = batch.fields()
        self.net = str(fields[97])
        self.figures = {number: int(str(value)) for number, value in fields.items() if number != 97}
        self.number = _number(batch)

    def records(self, first: int, count: int) -> bytes:
        """Records of the upload (tag DF35), 25 bytes each, from number `first`; fewer at the end.

        What a busy terminal's flash has already recycled is not among them.
        """
        begin = self._begin()
        records = bytearray()
        self._give(begin + first, min(begin + first + count, begin + self.number), records.extend)
        return bytes(records)

    def _begin(self) -> int:
        """How many of the bookings on flash come before the first that counts."""
        seen = begin = 0

        def visit(_: bytes) -> None:
            nonlocal seen
            seen += 1

        def settled(day: bytes) -> None:
            nonlocal begin
            if day != self._day:
                begin = seen

        self._journal.visit_bookings(visit, settled)
        if self._journal.settled_day == self._day:
            return begin
        # The batch is always the last of all bookings.
        return max(0, seen - _number(self._journal.batch))

    def _give(self, first: int, end: int, take: "Callable[[bytes], None]") -> None:
        seen = 0

        def visit(record: bytes) -> None:
            nonlocal seen
            if first <= seen < end:
                take(record)
            seen += 1

        self._journal.visit_bookings(visit)


class DayBook:
    """Settlements of one journal.

    Args:
        journal: what was sold.
        clock: tells the day.
    """

    def __init__(self, journal: "Journal", clock: "Clock") -> None:
        self._journal = journal
        self._clock = clock
        self._last: "DayTotals | None" = None

    def totals(self) -> DayTotals:
        """The account up to now."""
        _, month, day, _, _, _ = self._clock.local()
        self._last = DayTotals(self._journal, "%02d%02d" % (month, day))
        return self._last

    def settled(self) -> None:
        """The switch has settled what `totals` last gave; durable on return. What was sold since stays."""
        if self._last:
            self._journal.settle(unhexlify(self._last.day), self._last.packed)
            self._last = None


def _number(batch: "Batch") -> int:
    return sum(sums.number + sums.reversal_number for sums in batch.kinds.values())
