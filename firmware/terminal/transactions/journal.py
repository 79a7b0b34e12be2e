"""What the terminal must still know after a power cut: requests, replies, reversals, trace numbers.

A sale is open from its INTENT until COMPLETE or REVERSAL_DONE. A block of flash is recycled only when no open
sale has a record in it.
"""

import struct

from terminal.constant import const
from terminal.transactions.ring import TRACE, JournalFault, RecordRing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash

_INTENT = const(1)
_SENT = const(2)
_REPLY = const(3)
_REVERSAL_DUE = const(4)
_REVERSAL_DONE = const(5)
_COMPLETE = const(6)

_TRACE_STEP = const(32)  # trace numbers reserved at a time: one record for 32 messages
_OPEN_LIMIT = const(4)
_SPARE_BLOCKS = const(1)  # what open sales still need to be finished must always fit
_TRACE_LAST = const(999999)


class JournalFull(JournalFault):
    """No room to promise that another sale could be finished."""


class OpenSale:
    """One unfinished sale: locations of its records, 0 where there is none."""

    def __init__(self, stan: int, intent: int) -> None:
        self.stan = stan
        self.intent = intent
        self.reply = 0
        self.reversal = 0
        self.reversal_sent = False


class Journal:
    """The sales on one flash part.

    Raises:
        JournalFault: the flash holds a format this firmware doesn't know, or no journal.
    """

    def __init__(self, flash: "Flash") -> None:
        self._ring = RecordRing(flash)
        self._sales: "list[OpenSale]" = []
        self._trace = 0
        self._reserved = 0
        self._ring.scan(self._replay)
        self._reserved = self._trace

    @property
    def discarded_blocks(self) -> int:
        """Blocks found damaged at start, as a cut in an erase leaves them."""
        return self._ring.discarded_blocks

    def open_sales(self) -> "list[OpenSale]":
        """Unfinished sales, oldest first. The caller must not change the list."""
        return self._sales

    def read(self, location: int) -> bytes:
        """The message stored at a location of an open sale."""
        return self._ring.read(location)[4:]

    def next_stan(self) -> int:
        """A system trace audit number (ISO 8583 field 11) not used since the counter last went round.

        Raises:
            JournalFault: the flash takes no records.
        """
        following = self._trace % _TRACE_LAST + 1
        if self._trace == self._reserved:
            bound = min(self._trace % _TRACE_LAST + _TRACE_STEP, _TRACE_LAST)
            self._append(TRACE, bound, b"")
            self._reserved = bound
        self._trace = following
        return following

    def intend(self, stan: int, request: "bytes | memoryview") -> OpenSale:
        """Record a packed request before its first byte may leave.

        Raises:
            JournalFull: the sale must be refused.
        """
        if len(self._sales) >= _OPEN_LIMIT or self._ring.spare_blocks(self._pinned()) <= _SPARE_BLOCKS:
            raise JournalFull("journal is full")
        sale = OpenSale(stan, self._append(_INTENT, stan, request))
        self._sales.append(sale)
        return sale

    def sent(self, sale: OpenSale) -> None:
        """Record that the sale's request, or its reversal once one is due, went out."""
        self._append(_SENT, sale.stan, b"")
        sale.reversal_sent = bool(sale.reversal)

    def answer(self, sale: OpenSale, reply: "bytes | memoryview") -> None:
        """Record the verified reply."""
        sale.reply = self._append(_REPLY, sale.stan, reply)

    def owe_reversal(self, sale: OpenSale, reversal: "bytes | memoryview") -> None:
        """Record the packed reversal that will be sent until it is acknowledged."""
        sale.reversal = self._append(_REVERSAL_DUE, sale.stan, reversal)
        sale.reversal_sent = False

    def reversed(self, sale: OpenSale) -> None:
        """Record the acknowledgement of the reversal; closes the sale."""
        self._append(_REVERSAL_DONE, sale.stan, b"")
        self._sales.remove(sale)

    def complete(self, sale: OpenSale) -> None:
        """Record that the customer has the outcome in hand; closes the sale."""
        self._append(_COMPLETE, sale.stan, b"")
        self._sales.remove(sale)

    def _append(self, kind: int, stan: int, message: "bytes | memoryview") -> int:
        return self._ring.append(kind, (struct.pack("<I", stan), message), self._pinned(), self._reserved)

    def _pinned(self) -> "set[int]":
        size = self._ring.flash.block_bytes
        blocks = set()
        for sale in self._sales:
            for location in (sale.intent, sale.reply, sale.reversal):
                if location:
                    blocks.add(location // size)
        return blocks

    def _replay(self, kind: int, location: int, payload: memoryview) -> None:
        if len(payload) < 4:
            return
        (stan,) = struct.unpack("<I", payload[:4])
        if kind == TRACE:
            self._trace = stan
            return
        if kind == _INTENT:
            self._sales.append(OpenSale(stan, location))
            return
        for sale in self._sales:
            if sale.stan == stan:
                break
        else:
            return
        if kind == _SENT:
            sale.reversal_sent = bool(sale.reversal)
        elif kind == _REPLY:
            sale.reply = location
        elif kind == _REVERSAL_DUE:
            sale.reversal = location
        elif kind in (_REVERSAL_DONE, _COMPLETE):
            self._sales.remove(sale)
