"""What the terminal must still know after a power cut: requests, replies, reversals, trace numbers, sums.

A sale with a link is open from its INTENT until COMPLETE or REVERSAL_DONE, one without from OFFLINE until
OFFLINE_DONE.
"""

import struct

from terminal.constant import const
from terminal.transactions import summary
from terminal.transactions.blocks import TRACE, JournalFault, space_of
from terminal.transactions.journal_index import (
    CLEAR,
    CLOSING_HEAD,
    COMPLETE,
    INTENT,
    OFFLINE,
    OFFLINE_CLEAR,
    OFFLINE_DONE,
    OFFLINE_PRINTED,
    OFFLINE_REFUSED,
    REPLY,
    REVERSAL_DONE,
    REVERSAL_DUE,
    SENT_OUT,
    SETTLED,
    TABLE,
    JournalIndex,
    OpenSale,
)
from terminal.transactions.records import COPY, HEAD_BYTES, JournalFull, RecordUnreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Flash, MacKey
    from terminal.transactions.offline_index import OfflineRow
    from terminal.transactions.request import Fields

__all__ = ("Journal", "JournalFault", "JournalFull", "OpenSale", "RecordUnreadable")

_TRACE_STEP = const(32)  # trace numbers reserved at a time: one record for 32 messages
_TRACE_LAST = const(999999)


class Journal(JournalIndex):
    """The sales on one flash part.

    Args:
        flash: at least 4 blocks of 1 KB; 4 KB hold any message.
        key: hides messages on flash, derived for `record_cipher.FLASH_KEY_INPUT`; None leaves them in clear.
        open_limit: unfinished sales made with a link.
        offline_limit: sales without a link that wait or were refused.

    Raises:
        JournalFault: the flash holds a format this firmware doesn't know, or no journal.
    """

    def __init__(
        self,
        flash: "Flash",
        key: "MacKey | None" = None,
        *,
        open_limit: int = 4,
        offline_limit: int = 128,
    ) -> None:
        JournalIndex.__init__(self, flash, key, open_limit, offline_limit)

    def open_sales(self) -> "list[OpenSale]":
        """Unfinished sales, oldest first. The caller must not change the list."""
        return self._sales

    def read(self, location: int) -> bytes:
        """The message stored at a location of an open sale or a receipt.

        Raises:
            RecordUnreadable: its key was erased; `original` still tells what a reversal needs.
        """
        kind, content = self._ring.read(location)
        return self._message(content, CLEAR[kind & ~COPY])

    def original(self, sale: OpenSale) -> "tuple[str, Fields]":
        """Type and fields 3, 4, 7, 11, 12, 13 and 49 of the sale's request, which are never covered."""
        return summary.original_of(self._said(sale.intent), sale.stan)

    def receipts(self) -> "list[tuple[int, int, int]]":
        """STAN and locations of request and reply of the last answered sales, oldest first.

        The reply is 0 where the sale was made without a link.
        """
        return self._receipts

    def next_stan(self) -> int:
        """A system trace audit number (ISO 8583 field 11) not used since the counter last went round.

        Raises:
            JournalFault: the flash takes no records.
        """
        while True:
            following = self._trace % _TRACE_LAST + 1
            if self._trace == self._reserved:
                bound = min(self._trace % _TRACE_LAST + _TRACE_STEP, _TRACE_LAST)
                self._write(TRACE, struct.pack("<I", bound))
                self._reserved = bound
            self._trace = following
            if self._find(following) is None and self.offline.find(following) < 0:
                return following

    # With a link

    def intend(self, stan: int, request: "bytes | memoryview") -> OpenSale:
        """Record a packed request before its first byte may leave.

        Raises:
            JournalFull: the sale must be refused.
        """
        if len(self._sales) >= self._open_limit or self._free(len(self._sales) + 1) < 0:
            raise JournalFull("journal is full")
        self._write_message(INTENT, stan, summary.summary_of(request), request)
        return self._sales[-1]

    def sent(self, sale: OpenSale) -> None:
        """Record that the sale's request, or its reversal once one is due, went out."""
        self._write(SENT_OUT, struct.pack("<I", sale.stan))

    def answer(self, sale: OpenSale, reply: "bytes | memoryview") -> None:
        """Record the verified reply."""
        told = summary.code_of(reply) + summary.rrn_of(reply) + summary.business_date_of(reply)
        self._write_message(REPLY, sale.stan, told, reply)

    def owe_reversal(self, sale: OpenSale, reversal: "bytes | memoryview") -> None:
        """Record the packed reversal that will be sent until it is acknowledged."""
        self._write_message(REVERSAL_DUE, sale.stan, summary.identity_of(reversal), reversal)

    def reversed(
        self,
        sale: OpenSale,
        code: str = "00",
        rrn: str = "",
        *,
        date: str = "",
        original_rrn: "bytes | None" = None,
        original_date: "bytes | None" = None,
    ) -> None:
        """Record the switch's last word on the reversal: response code, RRN, business day; closes the sale.

        A sale whose approval was never seen counts as made and as reversed where the switch tells its RRN
        and its business day, as packed digits: it had approved it. Else it counts neither way.
        """
        bookings = b""
        day = summary.packed_date(date)
        if code == "00" and sale.reversal:
            if sale.reply:
                bookings = self._booking(sale)
            elif original_rrn and len(original_rrn) == summary.RRN_BYTES:
                if not original_date or len(original_date) != summary.DATE_BYTES:
                    original_date = day
                bookings = summary.booking(self._said(sale.intent), sale.stan, original_rrn, original_date)
            if bookings:
                bookings += summary.reversal_booking(
                    bookings, self._said(sale.reversal), summary.packed_rrn(rrn.encode()), day
                )
        self._write(REVERSAL_DONE, _closing(sale.stan, code, bookings))

    def complete(self, sale: OpenSale, counts: bool = True) -> None:
        """Record that the customer has the outcome in hand; closes the sale.

        Args:
            sale: which.
            counts: whether it is in the day's totals when it was approved; the void of a hold is not.
        """
        code = self._said(sale.reply)[:2].decode() if sale.reply else "--"
        bookings = self._booking(sale) if counts and sale.reply else b""
        self._write(COMPLETE, _closing(sale.stan, code, bookings))

    # Without a link

    def has_offline_room(self, message_bytes: int) -> bool:
        """Whether one more sale without a link could be kept until it is forwarded."""
        space = space_of(HEAD_BYTES + OFFLINE_CLEAR + 4 + message_bytes)
        # One sale with a link must still be possible: it may be what brings the link back into use.
        return self.offline.count < self.offline.limit and self._free(len(self._sales) + 1) >= space

    def store_offline(self, stan: int, advice: "bytes | memoryview", card_tag: int) -> None:
        """Record the packed advice of a sale made without a link, before the customer gets a receipt.

        Raises:
            JournalFull: the sale must be refused.
        """
        if not self.has_offline_room(len(advice)):
            raise JournalFull("journal is full")
        clear = summary.summary_of(advice) + b"--" + struct.pack("<I", card_tag)
        self._write_message(OFFLINE, stan, clear, advice)

    def unprinted(self) -> int:
        """Location of the sale without a link whose slip may not have come out; 0 where there is none.

        There is at most one: the next is sold when its slip is out.
        """
        at = self.offline.find(self._unprinted) if self._unprinted else -1
        return self.offline.row(at).location if at >= 0 else 0

    def offline_printed(self) -> None:
        """Record that the slip of the last sale without a link is in somebody's hand."""
        if self._unprinted:
            self._write(OFFLINE_PRINTED, struct.pack("<I", self._unprinted))

    def offline_sent(self, row: "OfflineRow") -> None:
        """Record that an advice is about to go out."""
        self._write(SENT_OUT, struct.pack("<I", row.stan))

    def offline_refused(self, row: "OfflineRow", code: str) -> None:
        """Record the final refusal of an advice, which stays for the operator."""
        self._write(OFFLINE_REFUSED, _closing(row.stan, code, b""))

    def offline_done(self, row: "OfflineRow", code: str, rrn: str, date: str = "") -> None:
        """Record that the switch has the sale (00: it counts), or that the operator has seen its refusal.

        `rrn` and `date`, the business day (MMDD), are as the switch told them.
        """
        bookings = b""
        if code == "00":
            packed = summary.packed_rrn(rrn.encode())
            bookings = summary.booking(self._said(row.location), row.stan, packed, summary.packed_date(date))
        self._write(OFFLINE_DONE, _closing(row.stan, code, bookings))

    def accept_table(self, sequence: int) -> None:
        """Record the sequence number of the offline table in use: no older one is taken any more."""
        self._write(TABLE, struct.pack("<I", sequence))

    # Settlement

    def settle(self, date: bytes, number: int) -> None:
        """Record that a business day (MMDD packed in 2 bytes) is settled with so many transactions."""
        self._write(SETTLED, struct.pack("<I2sI", 0, date, number))

    def visit_bookings(self, visit: "Callable[[bytes], None]") -> None:
        """Give every booking and its day (27 bytes, see `summary`) that are still on flash, oldest first."""

        def closing(kind: int, _: int, payload: memoryview) -> None:
            if kind in (COMPLETE, REVERSAL_DONE, OFFLINE_DONE):
                for at in range(CLOSING_HEAD, len(payload), summary.BOOKED_BYTES):
                    visit(bytes(payload[at : at + summary.BOOKED_BYTES]))

        self._ring.walk(closing)

    def _said(self, location: int) -> bytes:
        """What the record of a message says in clear, behind its head."""
        kind, content = self._ring.read(location)
        return content[HEAD_BYTES : HEAD_BYTES + CLEAR[kind & ~COPY]]

    def _booking(self, sale: OpenSale) -> bytes:
        """That of a sale whose approval is here; nothing otherwise."""
        told = self._said(sale.reply)
        if told[:2] != b"00":
            return b""
        return summary.booking(self._said(sale.intent), sale.stan, told[2:8], told[8:])


def _closing(stan: int, code: str, bookings: bytes) -> bytes:
    # Codes have two characters; a switch that sends others must not make the record unreadable.
    return struct.pack("<I2s", stan, code.encode()) + bookings
