"""What this terminal did on each business day, as totals; a fold of the journal's bookings.

The journal writes them at the beginning of every block, so that they outlive the records they were made of.
"""

import struct

from terminal.constant import const
from terminal.transactions.summary import BOOKING_BYTES, number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.request import Fields

_ROW = "<2sHHHHHIHIHIHIH"  # date, number settled, four numbers, four amounts (low, high)
_ROW_BYTES = const(36)
_DAYS_LIMIT = const(6)
_SMALL = const(0xFFFF)
PACKED_LIMIT = const(216)


class Day:
    """One business day; `date` is MMDD packed in 2 bytes.

    Numbers, and amounts in minor units, are those of credits, reversed credits, debits and reversed debits:
    the order of their fields. `settled` is what `number` was when the day was last settled.
    """

    def __init__(self, date: bytes) -> None:
        self.date = date
        self.settled = 0
        self.numbers = [0, 0, 0, 0]
        self.amounts = [0, 0, 0, 0]

    @property
    def number(self) -> int:
        """How many transactions there are, reversals among them."""
        return sum(self.numbers)

    @property
    def is_settled(self) -> bool:
        """Whether nothing was booked since it was settled."""
        return self.number & _SMALL == self.settled

    def fields(self) -> "Fields":
        """Fields 74 to 77, 86 to 89 and 97 of a reconciliation (0500)."""
        fields: "Fields" = {}
        for side in range(4):
            fields[74 + side] = "%010d" % self.numbers[side]
            fields[86 + side] = "%016d" % self.amounts[side]
        credit, credit_reversed, debit, debit_reversed = self.amounts
        net = credit - credit_reversed - debit + debit_reversed
        fields[97] = "%s%016d" % ("D" if net < 0 else "C", abs(net))
        return fields


class Batch:
    """The days on which anything was booked, in the order in which they began.

    The oldest goes when there are too many, a settled one first.
    """

    def __init__(self) -> None:
        self.days: "list[Day]" = []

    def day(self, date: "bytes | memoryview") -> Day:
        """The day of a date, a new one where nothing was booked yet."""
        date = bytes(date)
        for day in self.days:
            if day.date == date:
                return day
        return Day(date)

    def add(self, booked: "bytes | memoryview") -> None:
        """Count a booking with its day behind it: see `summary`."""
        day = self.day(booked[BOOKING_BYTES:])
        if not day.number:
            self._make_room()
            self.days.append(day)
        side = (2 if booked[2] < 0x20 else 0) + (booked[0] == 0x04)
        day.numbers[side] += 1
        day.amounts[side] += number_of(booked[13:19])

    def settle(self, date: "bytes | memoryview", number: int) -> None:
        """So many transactions of a day are settled."""
        self.day(date).settled = number & _SMALL

    def pack(self) -> bytes:
        """All of it, at most `PACKED_LIMIT` bytes."""
        packed = b""
        for day in self.days:
            row: "list[int]" = [min(number, _SMALL) for number in day.numbers]
            for amount in day.amounts:
                row += (amount & 0xFFFFFFFF, amount >> 32 & _SMALL)
            packed += struct.pack(_ROW, day.date, day.settled, *row)
        return packed

    def load(self, packed: "bytes | memoryview") -> None:
        """Replace everything by a former `pack`."""
        self.days = []
        for at in range(0, len(packed) - _ROW_BYTES + 1, _ROW_BYTES):
            row = struct.unpack(_ROW, packed[at : at + _ROW_BYTES])
            day = Day(row[0])
            day.settled = row[1]
            day.numbers = list(row[2:6])
            day.amounts = [row[place] | row[place + 1] << 32 for place in range(6, 14, 2)]
            self.days.append(day)

    def _make_room(self) -> None:
        if len(self.days) < _DAYS_LIMIT:
            return
        for day in self.days:
            if day.is_settled:
                self.days.remove(day)
                return
        self.days.pop(0)
