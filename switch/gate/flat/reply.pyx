# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Writes the framed and sealed response (0210) to an approved purchase.

The same bytes as `switch.gate.translate.fields_of_reply` and the codec make.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memset

from protocol.security._cmac cimport AesCmac
from switch.authoriser.flat.sale cimport FlatSale
from switch.gate.flat.purchase cimport ECHOED_BYTES, MAC_BYTES, MERCHANT_BYTES, TERMINAL_BYTES, FlatFields
from switch.memory.buffer cimport Buffer, put_bytes, put_decimal, put_number, put_packed

from protocol.balances import BALANCES_MAX
from protocol.dialect import AVAILABLE_BALANCE
from protocol.framing import LengthForm
from switch.rules.purses import BALANCE_MAX

cdef enum:
    _LENGTH_BYTES = 2
    _FIELD_BYTES_MAX = 999
    _PAYLOAD_BYTES_MAX = 1024
    _BALANCE_BYTES = 20
    _TAG_HEAD_BYTES = 5

assert LengthForm.BINARY_2.size == _LENGTH_BYTES
assert BALANCES_MAX * _BALANCE_BYTES == 120
assert AVAILABLE_BALANCE == "02"

cdef int64_t _BALANCE_MAX = BALANCE_MAX

cdef inline uint64_t _bit(int number) noexcept nogil:
    return <uint64_t> 1 << (64 - number)

cdef uint64_t _ALWAYS = (
    _bit(3) | _bit(4) | _bit(7) | _bit(11) | _bit(12) | _bit(13) | _bit(37) | _bit(38) | _bit(39) | _bit(41)
    | _bit(42) | _bit(48) | _bit(49) | _bit(64)
)
cdef uint64_t _BALANCES = _bit(54)
cdef uint64_t _BUSINESS_DAY = _bit(15)


cdef bint write_reply(
    Buffer* into, const uint8_t* request, FlatFields* fields, FlatSale sale, uint64_t position, int month_day,
    AesCmac mac
) noexcept:
    """Whether the response could be written: a text may be too long for its tag, or all for a message.

    `month_day` is the business day (MMDD), 0 where there is none yet.
    """
    cdef int start = into.size, payload, index, length_at
    cdef int64_t amount
    payload = start + _LENGTH_BYTES
    put_number(into, 0, _LENGTH_BYTES)
    put_number(into, 0x0210, 2)
    put_number(
        into, _ALWAYS | (_BALANCES if sale.balance_count else 0) | (_BUSINESS_DAY if month_day else 0), 8
    )
    put_bytes(into, request + fields.processing_code, ECHOED_BYTES)
    if month_day:
        put_packed(into, month_day, 4)
    put_decimal(into, position, 12)
    put_decimal(into, position % 1_000_000, 6)
    put_decimal(into, 0, 2)
    put_bytes(into, request + fields.terminal, TERMINAL_BYTES + MERCHANT_BYTES)
    length_at = into.size
    put_number(into, 0, 2)
    if not _put_tags(into, sale) or into.size - length_at - 2 > _FIELD_BYTES_MAX:
        return False
    _set_length(into, length_at)
    put_bytes(into, request + fields.currency, 2)
    if sale.balance_count:
        put_packed(into, sale.balance_count * _BALANCE_BYTES, 4)
        for index in range(sale.balance_count):
            amount = sale.balances[index].amount
            put_decimal(into, sale.balances[index].purse, 2)
            put_decimal(into, 2, 2)
            put_bytes(into, sale.table.purses[sale.balances[index].place].currency, 3)
            put_number(into, 68 if amount < 0 else 67, 1)  # D or C
            put_decimal(into, <uint64_t> min(-amount if amount < 0 else amount, _BALANCE_MAX), 12)
    if into.is_full or into.size + MAC_BYTES > into.room:
        return False
    if into.size + MAC_BYTES - payload > _PAYLOAD_BYTES_MAX:
        return False
    mac.sign_into(into.data + payload, into.size - payload, into.data + into.size)
    into.size += MAC_BYTES
    into.data[start] = <uint8_t> ((into.size - payload) >> 8)
    into.data[start + 1] = <uint8_t> (into.size - payload)
    return True


cdef void _set_length(Buffer* into, int length_at) noexcept nogil:
    """Packed digits of the bytes behind the two of the length."""
    cdef int end = into.size, length = into.size - length_at - 2
    into.size = length_at
    put_packed(into, length, 4)
    into.size = end


cdef bint _put_tags(Buffer* into, FlatSale sale) noexcept nogil:
    """The entry's tags as BER-TLV: numbers packed, texts in UTF-8."""
    cdef const uint8_t* tags = sale.tags.data
    cdef const uint8_t* text
    cdef int count = tags[0], at = 1, index, tag, size, place
    for index in range(count):
        tag = tags[at + 1]
        size = tags[at + 3] << 8 | tags[at + 4]
        text = tags + at + _TAG_HEAD_BYTES
        at += _TAG_HEAD_BYTES + size
        put_bytes(into, text - _TAG_HEAD_BYTES, 2)
        if 1 <= tag <= 4 or tag == 7 or tag == 0x1A or tag == 0x1C:
            put_number(into, size // 2, 1)
            for place in range(0, size, 2):
                put_number(into, (text[place] - 48) << 4 | (text[place + 1] - 48), 1)
            continue
        if size > _text_bytes_max(tag):
            return False
        if size >= 0x80:
            put_number(into, 0x81, 1)
        put_number(into, size, 1)
        put_bytes(into, text, size)
    return True


cdef int _text_bytes_max(int tag) noexcept nogil:
    """As the dialect has it: name, tier, the two texts, items."""
    if tag == 5:
        return 48
    if tag == 6:
        return 16
    return 96 if tag == 0x33 else 160
