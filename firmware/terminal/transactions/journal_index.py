"""What the journal knows in memory: open sales, sales without a link, receipts, sums.

All of it is made by the same steps when a record is written and when it is found at start.
"""

import struct

from terminal.constant import const
from terminal.transactions import summary
from terminal.transactions.offline_index import REFUSED, SENT, WAITING, OfflineIndex, OfflineRow
from terminal.transactions.records import COPY, HEAD_BYTES, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash, MacKey

INTENT = const(1)
SENT_OUT = const(2)
REPLY = const(3)
REVERSAL_DUE = const(4)
REVERSAL_DONE = const(5)
COMPLETE = const(6)
OFFLINE = const(7)
OFFLINE_DONE = const(8)
SETTLED = const(10)
TABLE = const(11)
OFFLINE_REFUSED = const(12)
OFFLINE_PRINTED = const(13)

# What a message's record says in clear behind its head: the request's summary; response code, RRN and
# business day; the reversal's identity; summary, response code, card tag.
OFFLINE_CLEAR = const(29)
CLEAR = {
    INTENT: summary.SUMMARY_BYTES,
    REPLY: 10,
    REVERSAL_DUE: summary.IDENTITY_BYTES,
    OFFLINE: OFFLINE_CLEAR,
}
CLOSING_HEAD = const(6)  # trace number, response code; then bookings
_CODE_AT = const(35)
_TAG_AT = const(37)
# Beside its request and a reply of a quarter block, a sale may need a reversal and what closes it.
_FINISH_BYTES = const(384)
_RECEIPTS = const(8)


class OpenSale:
    """One unfinished sale: locations of its records, 0 where there is none."""

    def __init__(self, stan: int, intent: int) -> None:
        self.stan = stan
        self.intent = intent
        self.reply = 0
        self.reversal = 0
        self.reversal_sent = False


class JournalIndex(Records):
    """See the module. Parameters as those of `Journal`."""

    def __init__(
        self,
        flash: "Flash",
        key: "MacKey | None",
        open_limit: int,
        offline_limit: int,
    ) -> None:
        Records.__init__(self, flash, key)
        self._sales: "list[OpenSale]" = []
        self._receipts: "list[tuple[int, int, int]]" = []
        self._open_limit = open_limit
        self.offline = OfflineIndex(offline_limit)
        self._unprinted = 0
        # A record that does not fit leaves the end of its block unused.
        self._capacity = (flash.block_count - 2) * (self._area - flash.block_bytes // 4)
        self._sale_space = flash.block_bytes // 4 + _FINISH_BYTES
        self._boot()
        # Only damage can have taken the request and spared the rest: nobody could reverse that.
        self._sales = [sale for sale in self._sales if sale.intent]

    def _free(self, sales: int) -> int:
        """Bytes for sales without a link beside so many unfinished ones with a link."""
        return self._capacity - sales * self._sale_space - self.offline.space

    @property
    def fill_percent(self) -> int:
        """How much of the room is taken by sales that are not over."""
        return 100 - 100 * max(self._free(len(self._sales)), 0) // self._capacity

    def _find(self, stan: int) -> "OpenSale | None":
        for sale in self._sales:
            if sale.stan == stan:
                return sale
        return None

    def _apply(self, kind: int, location: int, payload: "bytes | memoryview", space: int) -> None:
        (stan,) = struct.unpack_from("<I", payload)
        stan &= 0xFFFFFF
        is_copy = kind & COPY
        kind &= ~COPY
        if kind in (REVERSAL_DONE, COMPLETE, OFFLINE_DONE):
            self._close(kind, stan, payload)
        elif kind == SETTLED:
            self.batch.settle(payload[4:6], struct.unpack_from("<I", payload, 6)[0])
        elif kind == TABLE:
            self.table_sequence = struct.unpack_from("<I", payload)[0]
        elif kind == OFFLINE:
            self._take_offline(stan, location, payload, space)
            if not is_copy:
                self._keep_receipt(stan, location, 0)
                self._unprinted = stan
        elif kind == OFFLINE_PRINTED:
            self._unprinted = 0
        else:
            self._take_part(kind, stan, location, payload)

    def _take_part(self, kind: int, stan: int, location: int, payload: "bytes | memoryview") -> None:
        sale = self._find(stan)
        if sale is None:
            if kind not in (INTENT, REPLY, REVERSAL_DUE):
                self._mark_offline(kind, stan, payload)
                return
            # Its request may have been copied to behind the rest of it.
            sale = OpenSale(stan, 0)
            self._sales.append(sale)
        if kind == INTENT:
            sale.intent = location
        elif kind == SENT_OUT:
            sale.reversal_sent = bool(sale.reversal)
        elif kind == REPLY:
            sale.reply = location
        elif kind == REVERSAL_DUE:
            sale.reversal = location
            sale.reversal_sent = bool(payload[3])

    def _close(self, kind: int, stan: int, payload: "bytes | memoryview") -> None:
        for at in range(CLOSING_HEAD, len(payload), summary.BOOKED_BYTES):
            self.batch.add(payload[at : at + summary.BOOKED_BYTES])
        if kind == OFFLINE_DONE:
            self.offline.remove(stan)
            return
        sale = self._find(stan)
        if sale:
            self._sales.remove(sale)
            if sale.intent and sale.reply and kind == COMPLETE:
                self._keep_receipt(stan, sale.intent, sale.reply)

    def _keep_receipt(self, stan: int, request: int, reply: int) -> None:
        self._receipts.append((stan, request, reply))
        if len(self._receipts) > _RECEIPTS:
            self._receipts.pop(0)

    def _take_offline(self, stan: int, location: int, payload: "bytes | memoryview", space: int) -> None:
        said = payload[HEAD_BYTES : HEAD_BYTES + summary.SUMMARY_BYTES]
        row = OfflineRow(
            stan,
            location,
            space=space,
            date=summary.date_in(said),
            amount=summary.amount_in(said),
            card_tag=struct.unpack_from("<I", payload, _TAG_AT)[0],
        )
        row.status = payload[3]
        row.code = bytes(payload[_CODE_AT:_TAG_AT])
        self.offline.put(row)

    def _mark_offline(self, kind: int, stan: int, payload: "bytes | memoryview") -> None:
        at = self.offline.find(stan)
        if at < 0:
            return
        row = self.offline.row(at)
        if kind == SENT_OUT and row.status == WAITING:
            row.status = SENT
        elif kind == OFFLINE_REFUSED:
            row.status, row.code = REFUSED, bytes(payload[4:CLOSING_HEAD])
        self.offline.put(row)

    def _living(self, block: int) -> "list[int]":
        size = self._ring.flash.block_bytes
        living = [
            location
            for sale in self._sales
            for location in (sale.intent, sale.reply, sale.reversal)
            # Location 0 is a header, never a record.
            if location and location // size == block
        ]
        for at in range(self.offline.count):
            location = self.offline.row(at).location
            if location // size == block:
                living.append(location)
        return living

    def _renew(self, kind: int, content: bytearray) -> None:
        stan = struct.unpack_from("<I", content)[0] & 0xFFFFFF
        if kind == REVERSAL_DUE:
            sale = self._find(stan)
            content[3] = 1 if sale and sale.reversal_sent else 0
        elif kind == OFFLINE:
            row = self.offline.row(self.offline.find(stan))
            content[3] = row.status
            content[_CODE_AT:_TAG_AT] = row.code

    def _moved(self, location: int, copy: int) -> None:
        for sale in self._sales:
            if sale.intent == location:
                sale.intent = copy
            elif sale.reply == location:
                sale.reply = copy
            elif sale.reversal == location:
                sale.reversal = copy
        for at in range(self.offline.count):
            row = self.offline.row(at)
            if row.location == location:
                row.location = copy
                self.offline.put(row)
        self._receipts = [
            (stan, copy if request == location else request, reply) for stan, request, reply in self._receipts
        ]

    def _recycled(self, block: int) -> None:
        size = self._ring.flash.block_bytes
        self._receipts = [
            receipt
            for receipt in self._receipts
            if block not in (receipt[1] // size, receipt[2] // size or -1)
        ]
