"""The sales made without a link that are still on flash, in their order: 24 bytes of memory each."""

import struct

from terminal.constant import const

_ROW = "<IIBB2s2sIHI"
_ROW_BYTES = const(24)
_CHUNK_ROWS = const(16)
_STAN_LAST = const(999999)
_UNIT = const(16)
WAITING = const(0)
SENT = const(1)
REFUSED = const(2)


class OfflineRow:
    """One sale: where its record stands, and what the limits and the operator ask of it.

    `status` is WAITING, SENT (its advice went out, so the next is a repeat) or REFUSED with `code`. `date` is
    MMDD in 2 bytes, `card_tag` stands for the card, `space` is that of the record.
    """

    def __init__(
        self, stan: int, location: int, *, space: int, date: bytes, amount: int, card_tag: int
    ) -> None:
        self.stan = stan
        self.location = location
        self.space = space
        self.date = date
        self.amount = amount
        self.card_tag = card_tag
        self.status = WAITING
        self.code = b"--"


class OfflineIndex:
    """All of them. More than `limit` are taken only from a flash that has them already."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count = 0
        self.refused = 0
        self.space = 0
        self._chunks: "list[bytearray]" = []

    def find(self, stan: int) -> int:
        """Position of a sale; -1 where there is none."""
        for at in range(self.count):
            if struct.unpack_from("<I", self._raw(at), 4)[0] == stan:
                return at
        return -1

    def row(self, at: int) -> OfflineRow:
        """The sale at a position. Changing it needs `put`."""
        location, stan, status, units, code, date, low, high, tag = struct.unpack_from(_ROW, self._raw(at))
        row = OfflineRow(
            stan, location, space=units * _UNIT, date=date, amount=low | high << 32, card_tag=tag
        )
        row.status, row.code = status, code
        return row

    def put(self, row: OfflineRow) -> None:
        """Take in a sale, or replace what is known of it."""
        at = self.find(row.stan)
        if at < 0:
            at = self.count
            while at and not _follows(row.stan, self.row(at - 1).stan):
                at -= 1
            if self.count == len(self._chunks) * _CHUNK_ROWS:
                self._chunks.append(bytearray(_CHUNK_ROWS * _ROW_BYTES))
            self.count += 1
            for place in range(self.count - 1, at, -1):
                self._raw(place)[:] = self._raw(place - 1)
            self.space += row.space
        else:
            self.refused -= self.row(at).status == REFUSED
        self.refused += row.status == REFUSED
        struct.pack_into(
            _ROW,
            self._raw(at),
            0,
            row.location,
            row.stan,
            row.status,
            row.space // _UNIT,
            row.code,
            row.date,
            row.amount & 0xFFFFFFFF,
            row.amount >> 32,
            row.card_tag,
        )

    def remove(self, stan: int) -> None:
        """Forget a sale."""
        at = self.find(stan)
        if at < 0:
            return
        row = self.row(at)
        self.refused -= row.status == REFUSED
        self.space -= row.space
        self.count -= 1
        for place in range(at, self.count):
            self._raw(place)[:] = self._raw(place + 1)
        if self.count <= (len(self._chunks) - 1) * _CHUNK_ROWS:
            self._chunks.pop()

    def first_waiting(self) -> "OfflineRow | None":
        """The oldest sale that the switch has neither taken nor refused."""
        for at in range(self.count):
            row = self.row(at)
            if row.status != REFUSED:
                return row
        return None

    def sums(self, date: bytes = b"", card_tag: int = -1) -> "tuple[int, int]":
        """Number and amount of those that wait; of one local date, or of one card, where it is given."""
        number = amount = 0
        for at in range(self.count):
            row = self.row(at)
            if row.status == REFUSED or (date and row.date != date) or card_tag not in (-1, row.card_tag):
                continue
            number += 1
            amount += row.amount
        return number, amount

    def _raw(self, at: int) -> memoryview:
        start = at % _CHUNK_ROWS * _ROW_BYTES
        return memoryview(self._chunks[at // _CHUNK_ROWS])[start : start + _ROW_BYTES]


def _follows(stan: int, other: int) -> bool:
    """Whether a trace number was given after another: they go round."""
    return (stan - other) % _STAN_LAST < _STAN_LAST // 2
