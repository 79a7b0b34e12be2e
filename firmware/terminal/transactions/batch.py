"""Sums of the transactions since the last settlement, by processing code; a fold of the journal's bookings.

The journal writes them at the beginning of every block, so that they outlive the records they were made of.
"""

import struct

from terminal.constant import const
from terminal.transactions.summary import number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.request import Fields

_ROW = "<3sHIHHIH"  # processing code, number and amount (low, high), the same of the reversals
_ROW_BYTES = const(19)
_KIND_LIMIT = const(9)  # as many kinds of a terminal count; what came beyond would go to its side's own row
_SMALL = const(0xFFFF)
_OTHER_DEBIT = b"\x19\x00\x00"
_OTHER_CREDIT = b"\x29\x00\x00"
PACKED_LIMIT = const(209)


class Sums:
    """Of one processing code: what was approved, and what of it was reversed. Amounts in minor units."""

    def __init__(self) -> None:
        self.number = 0
        self.amount = 0
        self.reversal_number = 0
        self.reversal_amount = 0


class Batch:
    """The sums by processing code (3 bytes, packed digits)."""

    def __init__(self) -> None:
        self.kinds: "dict[bytes, Sums]" = {}

    def add(self, record: "bytes | memoryview") -> None:
        """Count a booking: see `summary`."""
        sums = self._sums(bytes(record[2:5]))
        amount = number_of(record[13:19])
        if record[0] == 0x04:
            sums.reversal_number += 1
            sums.reversal_amount += amount
        else:
            sums.number += 1
            sums.amount += amount

    def take_off(self, packed: "bytes | memoryview") -> None:
        """Subtract what was settled: a former `pack`."""
        for at in range(0, len(packed) - _ROW_BYTES + 1, _ROW_BYTES):
            code, row = _row(packed[at : at + _ROW_BYTES])
            sums = self.kinds.get(code)
            if sums is None:
                continue
            sums.number = max(0, sums.number - row.number)
            sums.amount = max(0, sums.amount - row.amount)
            sums.reversal_number = max(0, sums.reversal_number - row.reversal_number)
            sums.reversal_amount = max(0, sums.reversal_amount - row.reversal_amount)
            if not sums.number and not sums.reversal_number:
                del self.kinds[code]

    def pack(self) -> bytes:
        """All sums, at most `PACKED_LIMIT` bytes."""
        packed = b""
        for code in sorted(self.kinds):
            sums = self.kinds[code]
            packed += struct.pack(
                _ROW,
                code,
                min(sums.number, _SMALL),
                sums.amount & 0xFFFFFFFF,
                sums.amount >> 32 & _SMALL,
                min(sums.reversal_number, _SMALL),
                sums.reversal_amount & 0xFFFFFFFF,
                sums.reversal_amount >> 32 & _SMALL,
            )
        return packed

    def load(self, packed: "bytes | memoryview") -> None:
        """Replace all sums by a former `pack`."""
        self.kinds = {}
        for at in range(0, len(packed) - _ROW_BYTES + 1, _ROW_BYTES):
            code, row = _row(packed[at : at + _ROW_BYTES])
            self.kinds[code] = row

    def fields(self) -> "Fields":
        """Fields 74 to 77, 86 to 89 and 97 of a reconciliation (0500)."""
        debit, credit = Sums(), Sums()
        for code, sums in self.kinds.items():
            side = debit if code[0] < 0x20 else credit
            side.number += sums.number
            side.amount += sums.amount
            side.reversal_number += sums.reversal_number
            side.reversal_amount += sums.reversal_amount
        net = credit.amount - credit.reversal_amount - debit.amount + debit.reversal_amount
        return {
            74: "%010d" % credit.number,
            75: "%010d" % credit.reversal_number,
            76: "%010d" % debit.number,
            77: "%010d" % debit.reversal_number,
            86: "%016d" % credit.amount,
            87: "%016d" % credit.reversal_amount,
            88: "%016d" % debit.amount,
            89: "%016d" % debit.reversal_amount,
            97: "%s%016d" % ("D" if net < 0 else "C", abs(net)),
        }

    def _sums(self, code: bytes) -> Sums:
        sums = self.kinds.get(code)
        if sums is None:
            if len(self.kinds) >= _KIND_LIMIT:
                code = _OTHER_DEBIT if code[0] < 0x20 else _OTHER_CREDIT
            sums = self.kinds.get(code) or Sums()
            self.kinds[code] = sums
        return sums


def _row(packed: "bytes | memoryview") -> "tuple[bytes, Sums]":
    code, number, low, high, reversal_number, reversal_low, reversal_high = struct.unpack(_ROW, packed)
    sums = Sums()
    sums.number, sums.amount = number, low | high << 32
    sums.reversal_number, sums.reversal_amount = reversal_number, reversal_low | reversal_high << 32
    return code, sums
