"""The accounts of the business days, for their settlement: totals, and records where they differ."""

from binascii import hexlify, unhexlify

from terminal.transactions.summary import BOOKING_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.clock import Clock
    from terminal.transactions.journal import Journal
    from terminal.transactions.request import Fields


class DayAccount:
    """What this terminal did on one business day, as of one moment.

    `date` is field 15 (MMDD), `fields` are fields 74 to 77, 86 to 89 and 97, `number` counts transactions.
    """

    def __init__(self, journal: "Journal", date: bytes) -> None:
        day = journal.batch.day(date)
        self.date = hexlify(date).decode()
        self.fields: "Fields" = day.fields()
        self.number = day.number
        self._journal = journal
        self._packed_date = date

    def figure(self, number: int) -> int:
        """The number or amount in a field."""
        return int(str(self.fields[number]))

    def records(self, first: int, count: int) -> bytes:
        """Records of the upload (tag DF35), 25 bytes each, from number `first`; fewer at the end.

        What a busy terminal's flash has already recycled is not among them.
        """
        records = bytearray()
        seen = 0

        def visit(booked: bytes) -> None:
            nonlocal seen
            if booked[BOOKING_BYTES:] == self._packed_date:
                if first <= seen < first + count:
                    records.extend(booked[:BOOKING_BYTES])
                seen += 1

        self._journal.visit_bookings(visit)
        return bytes(records)

    def settled(self) -> None:
        """The switch has settled it; durable on return. What was booked since leaves the day open."""
        if self.number:
            self._journal.settle(self._packed_date, self.number)


def dates_to_settle(journal: "Journal", clock: "Clock") -> "list[bytes]":
    """The business days that aren't settled, MMDD packed in 2 bytes, oldest first.

    Where all are, the last one, as the switch compares it again as a whole; where there is none, today.
    """
    days = journal.batch.days
    dates = [day.date for day in days if not day.is_settled]
    if dates:
        return dates
    if days:
        return [days[-1].date]
    _, month, day, _, _, _ = clock.local()
    return [unhexlify("%02d%02d" % (month, day))]
