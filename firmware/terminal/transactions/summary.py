"""What a packed message says of itself, read without unpacking it: for the records of the journal.

A summary holds nothing secret: a sale can be reversed and counted when its message can't be read any more.
A booking is one transaction as an upload tells it (protocol handbook, tag DF35); behind it stands the
business day on which the switch counts it.
"""

from binascii import hexlify, unhexlify

from terminal.constant import const
from terminal.messages.spec_table import ROWS, TRACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.request import Fields

SUMMARY_BYTES = const(23)
BOOKING_BYTES = const(25)
DATE_BYTES = const(2)
BOOKED_BYTES = const(27)  # with its day
RRN_BYTES = const(6)
IDENTITY_BYTES = const(8)
_ROW_BYTES = const(4)
_BITMAP = const(2)
# Fields of a summary behind the message type, with their packed sizes and their digits.
_FIELDS = ((3, 3, 6), (4, 6, 12), (7, 5, 10), (12, 3, 6), (13, 2, 4), (49, 2, 3))
_REVERSAL = b"\x04\x00"
_RIAL = b"\x03\x64"
_COUNTED = (b"\x02\x00", b"\x02\x20")


def raw_field(payload: "bytes | memoryview", number: int) -> "memoryview | None":
    """The packed content of a field; None where it is absent, or the bytes are no message."""
    view = memoryview(payload)
    if len(view) < _BITMAP + 8:
        return None
    bits = 128 if view[_BITMAP] & 0x80 else 64
    offset = _BITMAP + bits // 8
    if len(view) < offset:
        return None
    for row in range(0, len(ROWS), _ROW_BYTES):
        found = ROWS[row]
        if found > number or found > bits:
            break
        if not view[_BITMAP + (found - 1 >> 3)] & 0x80 >> (found - 1 & 7):
            continue
        form = ROWS[row + 1]
        count = ROWS[row + 3] | (form & 0xF0) << 4
        if ROWS[row + 2]:
            count = 0
            for _ in range(ROWS[row + 2]):
                if offset == len(view):
                    return None
                count = count * 100 + (view[offset] >> 4) * 10 + (view[offset] & 0x0F)
                offset += 1
        end = offset + ((count + 1) // 2 if form & 0x0F <= TRACK else count)
        if end > len(view):
            return None
        if found == number:
            return view[offset:end]
        offset = end
    return None


def summary_of(message: "bytes | memoryview") -> bytes:
    """Message type and fields 3, 4, 7, 12, 13 and 49 as packed; zeros for what is absent."""
    view = memoryview(message)
    summary = bytearray(SUMMARY_BYTES)
    if len(view) >= _BITMAP:
        summary[0:2] = view[0:2]
    at = 2
    for number, size, _ in _FIELDS:
        content = raw_field(view, number)
        if content is not None and len(content) == size:
            summary[at : at + size] = content
        at += size
    return bytes(summary)


def original_of(summary: "bytes | memoryview", stan: int) -> "tuple[str, Fields]":
    """Message type and fields of the message behind a summary, as far as a reversal wants them."""
    digits = hexlify(bytes(summary)).decode()
    fields: "Fields" = {11: "%06d" % stan}
    at = 4
    for number, size, count in _FIELDS:
        fields[number] = digits[at + 2 * size - count : at + 2 * size]
        at += 2 * size
    return digits[:4], fields


def amount_in(summary: "bytes | memoryview") -> int:
    """The amount in minor units; 0 where it is none."""
    return number_of(summary[5:11])


def date_in(summary: "bytes | memoryview") -> bytes:
    """The local date, MMDD in 2 bytes."""
    return bytes(summary[19:21])


def number_of(packed: "bytes | memoryview") -> int:
    """The number in packed digits; 0 where they are none."""
    digits = hexlify(bytes(packed)).decode()
    return int(digits) if digits.isdigit() else 0


def code_of(reply: "bytes | memoryview") -> bytes:
    """Response code of a reply, 2 bytes."""
    code = raw_field(reply, 39)
    return b"--" if code is None else bytes(code)


def rrn_of(reply: "bytes | memoryview") -> bytes:
    """Retrieval reference number of a reply as packed digits; zeros where it has none of digits."""
    rrn = raw_field(reply, 37)
    return packed_rrn(b"" if rrn is None else bytes(rrn))


def packed_rrn(rrn: bytes) -> bytes:
    """12 digits in 6 bytes; zeros where they are no digits."""
    packed = bytearray(RRN_BYTES)
    if len(rrn) == 2 * RRN_BYTES and rrn.isdigit():
        for at in range(RRN_BYTES):
            packed[at] = (rrn[2 * at] - 48) << 4 | rrn[2 * at + 1] - 48
    return bytes(packed)


def business_date_of(reply: "bytes | memoryview") -> bytes:
    """The business day of a reply (field 15), MMDD in 2 bytes; zeros where it names none."""
    date = raw_field(reply, 15)
    return bytes(DATE_BYTES) if date is None else bytes(date)


def packed_date(text: str) -> bytes:
    """4 digits in 2 bytes; zeros where they are none."""
    return unhexlify(text) if len(text) == 2 * DATE_BYTES and text.isdigit() else bytes(DATE_BYTES)


def booking(summary: "bytes | memoryview", stan: int, rrn: bytes, date: bytes) -> bytes:
    """The approved transaction, and its business day; nothing where it is in no total.

    Where the switch names no day (zeros) it is the local date. Debits are types 00 to 19 of 0200 and 0220,
    credits 20 to 29 and 90; only rial, and more than none.
    """
    kind = summary[2] >> 4
    counts = bytes(summary[:2]) in _COUNTED and (kind <= 2 or summary[2] == 0x90)
    if not counts or not amount_in(summary) or bytes(summary[21:23]) != _RIAL:
        return b""
    digits = unhexlify("%06d" % stan)
    told = bytes(summary[:5]) + digits + bytes(summary[11:16]) + bytes(summary[5:11]) + rrn
    return told + (date if any(date) else date_in(summary))


def identity_of(message: "bytes | memoryview") -> bytes:
    """STAN and field 7 of a message as packed, as they stand in a booking."""
    stan, transmitted = raw_field(message, 11), raw_field(message, 7)
    if stan is None or transmitted is None:
        return bytes(IDENTITY_BYTES)
    return bytes(stan) + bytes(transmitted)


def reversal_booking(original: bytes, identity: bytes, rrn: bytes, date: bytes) -> bytes:
    """The booking of a reversal: its own identity, RRN and business day, the rest as in the original's."""
    told = _REVERSAL + original[2:5] + identity + original[13:19] + rrn
    return told + (date if any(date) else original[BOOKING_BYTES:])


def card_digits(message: "bytes | memoryview") -> str:
    """The card number of a request, without leading zeros; empty where it has none."""
    number = raw_field(message, 2)
    if number is None:
        number = raw_field(message, 35)
    if number is None:
        return ""
    return hexlify(bytes(number)).decode().split("d")[0].lstrip("0")
