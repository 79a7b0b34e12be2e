"""Fields of the reconciliation messages (05xx): a terminal's totals, and the transactions that it uploads.

A debit is a sale, types 00 to 19 of field 3; a credit is what types 20 to 29 and the load of a new card (90)
are; a return of an adjustment is neither. Counted are approved 0200 and 0220 in rial with an amount; their
field 4 is what is summed up. A reversal counts on its own, on the day on which it is accepted.
"""

from collections.abc import Iterable
from typing import NamedTuple

from protocol.dialect import IRR, TransactionType, is_debit_return
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value

NUMBER_DIGITS = 10
AMOUNT_DIGITS = 16
RECORD_BYTES = 25
RECORDS_MAX = 36

_NET = 97
_FINAL_TYPES = ("0200", "0220")
_UPLOADED_TYPES = (*_FINAL_TYPES, "0400")
# By the first two digits of field 3.
_DEBITS = {
    **{f"{number:02d}": number < 20 for number in range(30)},
    TransactionType.CARD_ACTIVATION.value: False,
}


class BatchTotals(NamedTuple):
    """Numbers and amounts (rial) of one terminal on one business day, in the order of their fields."""

    credits_number: int = 0
    credits_reversal_number: int = 0
    debits_number: int = 0
    debits_reversal_number: int = 0
    credits_amount: int = 0
    credits_reversal_amount: int = 0
    debits_amount: int = 0
    debits_reversal_amount: int = 0

    @property
    def net_amount(self) -> int:
        """Credits less debits, each less its reversals; negative where sales outweigh."""
        return (
            self.credits_amount
            - self.credits_reversal_amount
            - self.debits_amount
            + self.debits_reversal_amount
        )

    @property
    def number(self) -> int:
        """How many messages were counted."""
        return sum(self[:4])


NO_TOTALS = BatchTotals()
TOTALS_FIELDS = (74, 75, 76, 77, 86, 87, 88, 89)


class UploadRecord(NamedTuple):
    """One transaction as the terminal has it; `transmitted_at` is its field 7, `rrn` 0 where none came."""

    mti: str
    processing_code: str
    stan: str
    transmitted_at: str
    amount: int
    rrn: int


def is_debit(mti: str, processing_code: str, currency: str, amount: int) -> bool | None:
    """Which side an approved message counts on: True a debit, False a credit, None neither."""
    if not amount or currency != IRR or mti not in _FINAL_TYPES or is_debit_return(processing_code):
        return None
    return _DEBITS.get(processing_code[:2])


def totals_fields(totals: BatchTotals) -> dict[int, str]:
    """Fields 74 to 77, 86 to 89 and 97. ValueError where a figure has too many digits."""
    found = {}
    for index, (number, figure) in enumerate(zip(TOTALS_FIELDS, totals, strict=True)):
        digits = NUMBER_DIGITS if index < 4 else AMOUNT_DIGITS
        found[number] = f"{figure:0{digits}d}"
        if len(found[number]) != digits or figure < 0:
            raise ValueError(f"field {number} has no room for its figure")
    net = totals.net_amount
    found[_NET] = f"{'D' if net < 0 else 'C'}{abs(net):0{AMOUNT_DIGITS}d}"
    return found


def read_totals(message: Message) -> BatchTotals:
    """Totals of an 0500 or 0510 that has them all. Raises ProtocolFault where field 97 isn't their net."""
    totals = BatchTotals(*(int(message.text(number)) for number in TOTALS_FIELDS))
    net = message.text(_NET)
    if net[:1] not in ("C", "D") or not net[1:].isdecimal():
        raise ProtocolFault(FaultCode.BAD_CHARACTER, str(_NET))
    if (-1 if net[0] == "D" else 1) * int(net[1:]) != totals.net_amount:
        raise ProtocolFault(FaultCode.REFUSED, str(_NET))
    return totals


def pack_records(records: Iterable[UploadRecord]) -> bytes:
    """Content of tag DF35, at most RECORDS_MAX records. ValueError for more, or one that has no such form."""
    parts = [
        f"{record.mti}{record.processing_code}{record.stan}{record.transmitted_at}"
        f"{record.amount:012d}{record.rrn:012d}"
        for record in records
    ]
    if not 0 < len(parts) <= RECORDS_MAX or any(len(part) != 2 * RECORD_BYTES for part in parts):
        raise ValueError("an upload has some records of 50 digits each")
    return bytes.fromhex("".join(parts))


def read_records(content: Value) -> tuple[UploadRecord, ...]:
    """Records of tag DF35. Raises ProtocolFault for other bytes and for other types than 0200, 0220, 0400."""
    if not isinstance(content, bytes) or not content or len(content) % RECORD_BYTES:
        raise ProtocolFault(FaultCode.BAD_LENGTH, "48.DF35")
    if len(content) > RECORDS_MAX * RECORD_BYTES:
        raise ProtocolFault(FaultCode.LENGTH_OVER_MAXIMUM, "48.DF35", expected=RECORDS_MAX * RECORD_BYTES)
    digits = content.hex()
    if not digits.isdecimal():
        raise ProtocolFault(FaultCode.BAD_NIBBLE, "48.DF35")
    records = tuple(
        _record(digits[start : start + 2 * RECORD_BYTES]) for start in range(0, len(digits), 2 * RECORD_BYTES)
    )
    if any(record.mti not in _UPLOADED_TYPES for record in records):
        raise ProtocolFault(FaultCode.UNKNOWN_MESSAGE_TYPE, "48.DF35")
    return records


def _record(digits: str) -> UploadRecord:
    return UploadRecord(
        digits[:4], digits[4:10], digits[10:16], digits[16:26], int(digits[26:38]), int(digits[38:])
    )
