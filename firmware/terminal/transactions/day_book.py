"""The day's account for the settlement with the switch: sums, and records where they differ."""

from binascii import unhexlify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.clock import Clock
    from terminal.transactions.batch import Batch
    from terminal.transactions.journal import Journal


class DayTotals:
    """What this terminal did since the settlement before, as of one moment.

    `day` is field 15 (MMDD), `figures` are fields 74 to 77 and 86 to 89 by number. `number` counts the
    transactions, `packed` is what `Journal.settle` takes.
    """

    def __init__(self, journal: "Journal", day: str) -> None:
        batch = journal.batch
        self.day = day
        self.figures = {number: int(str(value)) for number, value in batch.fields().items() if number != 97}
        self.net = str(batch.fields()[97])
        self.packed = batch.pack()
        self.number = _number(batch)
        self._journal = journal

    def records(self, first: int, count: int) -> bytes:
        """Records of the upload (tag DF35), 25 bytes each, from number `first`; fewer at the end.

        What a busy terminal's flash has already recycled is not among them.
        """
        # The batch is always the last of all bookings.
        total = self._walk(0, 0, bytearray())
        begin = total - _number(self._journal.batch)
        records = bytearray()
        self._walk(max(0, begin) + first, min(max(0, begin) + first + count, begin + self.number), records)
        return bytes(records)

    def _walk(self, first: int, end: int, into: bytearray) -> int:
        seen = 0

        def visit(record: bytes) -> None:
            nonlocal seen
            if first <= seen < end:
                into.extend(record)
            seen += 1

        self._journal.visit_bookings(visit)
        return seen


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
