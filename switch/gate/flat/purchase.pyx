# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Reads the purchases that tills send all day (0200 of the dialect). What looks any different is left to the codec,
which reads it or says what is wrong with it."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from switch.authoriser.flat.calendar cimport days_of, is_leap, year_of
from switch.authoriser.flat.basket cimport is_printable, read_basket, read_metrics
from switch.memory.texts cimport TEXTS
from switch.rules.flat.decision cimport FlatFacts

from protocol.dialect import IRR, Tag
from switch.authoriser.facts import keyed

cdef enum:
    _BITMAP = 2
    _FIELDS = 10
    _CARD_DIGITS_MAX = 19
    _TRACK_DIGITS_MAX = 37
    _DAY_S = 86_400
    # Tags behind DF, and how long their texts may be.
    _TENDER_AMOUNT = 0x0C
    _TENDER_UNITS = 0x0D
    _BASKET = 0x10
    _CODE = 0x11
    _OPERATOR = 0x12
    _CHANNEL = 0x13
    _METRICS = 0x14
    _BASKET_BYTES_MAX = 480
    _CODE_BYTES_MAX = 16
    _WORD_BYTES_MAX = 8
    _METRICS_BYTES_MAX = 64

assert IRR == "364"
assert (Tag.TENDER_AMOUNT, Tag.TENDER_UNITS, Tag.BASKET, Tag.CODE, Tag.OPERATOR, Tag.CHANNEL, Tag.METRICS) == tuple(
    f"DF{number:02X}"
    for number in (_TENDER_AMOUNT, _TENDER_UNITS, _BASKET, _CODE, _OPERATOR, _CHANNEL, _METRICS)
)

cdef inline uint64_t _bit(int number) noexcept nogil:
    return <uint64_t> 1 << (64 - number)

cdef uint64_t _MANDATORY = (
    _bit(3) | _bit(4) | _bit(7) | _bit(11) | _bit(12) | _bit(13) | _bit(22) | _bit(41) | _bit(42) | _bit(49)
    | _bit(64)
)
cdef uint64_t _CARD = _bit(2)
cdef uint64_t _TRACK = _bit(35)
cdef uint64_t _TAGS = _bit(48)

# Field 22 has three digits: a thousand texts at most, numbered when they first come.
cdef uint32_t _ENTRY_MODES[1000]


cdef inline int64_t _packed(const uint8_t* bytes_, int size) noexcept nogil:
    """Number of packed digits, -1 where there's another nibble."""
    cdef int64_t number = 0
    cdef int place, high, low
    for place in range(size):
        high = bytes_[place] >> 4
        low = bytes_[place] & 15
        if high > 9 or low > 9:
            return -1
        number = number * 100 + high * 10 + low
    return number


cdef bint read_fields(const uint8_t* payload, int size, FlatFields* fields, FlatRequest* request) noexcept nogil:
    """Find and check the fields of a payload that has nothing out of the way; False for all others.

    The terminal's and the merchant's id are only located, field 7 is only checked to be digits.
    """
    cdef uint64_t bitmap = 0
    cdef int at = _FIELDS, place, nibble, count
    cdef int64_t number
    cdef bint is_odd
    if size < _FIELDS + MAC_BYTES or payload[0] != 0x02 or payload[1] != 0:
        return False
    for place in range(_BITMAP, _FIELDS):
        bitmap = bitmap << 8 | payload[place]
    if bitmap & ~_TAGS != _MANDATORY | _CARD and bitmap & ~_TAGS != _MANDATORY | _TRACK:
        return False
    fields.card_digits = 0
    if bitmap & _CARD:
        number = _packed(payload + at, 1)
        at += 1
        if not 1 <= number <= _CARD_DIGITS_MAX:
            return False
        count = <int> number
        is_odd = count & 1
        if at + (count + 1) // 2 > size or (is_odd and payload[at] >> 4 != 0):
            return False
        for place in range(is_odd, count + is_odd):
            nibble = payload[at + place // 2] & 15 if place & 1 else payload[at + place // 2] >> 4
            if nibble > 9:
                return False
            fields.card_number[fields.card_digits] = 48 + nibble
            fields.card_digits += 1
        at += (count + 1) // 2
    fields.processing_code = at
    if at + ECHOED_BYTES + 2 > size:
        return False
    request.processing_code = <uint32_t> _packed(payload + at, 3)
    request.amount = _packed(payload + at + 3, 6)
    request.stan = <uint32_t> _packed(payload + at + 14, 3)
    if (
        request.processing_code > 999_999
        or request.amount < 0
        or _packed(payload + at + 9, 5) < 0
        or request.stan == 0
        or request.stan > 999_999
        or _packed(payload + at + 17, 5) < 0
    ):
        return False
    at += ECHOED_BYTES
    number = _packed(payload + at, 2)
    if number < 0 or number > 999:
        return False
    request.entry_mode = <uint32_t> number
    at += 2
    if bitmap & _TRACK:
        if at + 1 > size:
            return False
        number = _packed(payload + at, 1)
        at += 1
        if number < 0 or number > _TRACK_DIGITS_MAX:
            return False
        count = <int> number
        is_odd = count & 1
        if at + (count + 1) // 2 > size:
            return False
        if is_odd and payload[at + count // 2] & 15 != 15:
            return False
        is_odd = False  # from here on: whether the card number has ended
        for place in range(count):
            nibble = payload[at + place // 2] & 15 if place & 1 else payload[at + place // 2] >> 4
            if nibble == 13:
                is_odd = True
            elif nibble > 9:
                return False
            elif not is_odd:
                if fields.card_digits == _CARD_DIGITS_MAX:
                    return False
                fields.card_number[fields.card_digits] = 48 + nibble
                fields.card_digits += 1
        if fields.card_digits == 0:
            return False
        at += (count + 1) // 2
    fields.terminal = at
    at += TERMINAL_BYTES + MERCHANT_BYTES
    fields.tags_bytes = 0
    if bitmap & _TAGS:
        if at + 2 > size:
            return False
        number = _packed(payload + at, 2)
        if number < 0 or number > 999:
            return False
        fields.tags = at + 2
        fields.tags_bytes = <int> number
        at = fields.tags + fields.tags_bytes
    fields.currency = at
    if at + 2 + MAC_BYTES != size or payload[at] != 0x03 or payload[at + 1] != 0x64:
        return False
    request.tender_amount = request.tender_units = -1
    request.channel = request.code = request.operator = 0
    request.operator_subject = 0
    request.basket_bytes = 0
    return True


cdef bint read_tags(
    const uint8_t* content, int size, const uint8_t* merchant, FlatRequest* request, FlatFacts* facts
) except -1:
    """What field 48 adds, each tag once; False for tags that the plain way must judge.

    `merchant` is field 42, whose operators are told apart.
    """
    cdef int at = 0, tag, length
    cdef uint32_t seen = 0
    while at < size:
        if at + 3 > size or content[at] != 0xDF:
            return False
        tag = content[at + 1]
        length = content[at + 2]
        at += 3
        if length == 0x81:
            if at + 1 > size or content[at] < 0x80:
                return False
            length = content[at]
            at += 1
        elif length == 0x82:
            if at + 2 > size or content[at] == 0:
                return False
            length = content[at] << 8 | content[at + 1]
            at += 2
        elif length >= 0x80:
            return False
        if at + length > size or tag >= 32 or seen >> tag & 1:
            return False
        seen |= <uint32_t> 1 << tag
        if not _read_tag(tag, content + at, length, merchant, request, facts):
            return False
        at += length
    return True


cdef bint _read_tag(
    int tag, const uint8_t* text, int size, const uint8_t* merchant, FlatRequest* request, FlatFacts* facts
) except -1:
    if tag == _TENDER_AMOUNT:
        request.tender_amount = _packed(text, 6) if size == 6 else -1
        return request.tender_amount >= 0
    if tag == _TENDER_UNITS:
        request.tender_units = _packed(text, 6) if size == 6 else -1
        return request.tender_units >= 0
    if tag == _BASKET:
        request.basket = text
        request.basket_bytes = size
        return size <= _BASKET_BYTES_MAX and read_basket(text, size, facts)
    if tag == _METRICS:
        return size <= _METRICS_BYTES_MAX and read_metrics(text, size, facts)
    if size > (_CODE_BYTES_MAX if tag == _CODE else _WORD_BYTES_MAX) or not is_printable(text, size):
        return False
    if tag == _CODE:
        request.code = TEXTS.find(text, size)
        return True
    if tag == _CHANNEL:
        request.channel = TEXTS.find(text, size)
        return True
    if tag == _OPERATOR:
        if size:
            request.operator = TEXTS.find(text, size)
            request.operator_subject = keyed(
                f"{merchant[:MERCHANT_BYTES].decode('ascii').rstrip(' ')}/{text[:size].decode('ascii')}"
            )
        return True
    return False


cdef uint32_t entry_mode_text(uint32_t number) except? 0xFFFFFFFE:
    """Number of field 22 among TEXTS."""
    if _ENTRY_MODES[number] == 0:
        _ENTRY_MODES[number] = TEXTS.number(f"{number:03d}")
    return _ENTRY_MODES[number]


cdef int64_t transmitted_at(const uint8_t* packed, uint64_t now_s) noexcept nogil:
    """Field 7 in the year that brings it nearest to now; -1 for no date. See `switch.authoriser.dates`."""
    cdef int month = <int> _packed(packed, 1), day = <int> _packed(packed + 1, 1)
    cdef int64_t hour = _packed(packed + 2, 1), minute = _packed(packed + 3, 1), second = _packed(packed + 4, 1)
    cdef int64_t today = <int64_t> now_s // _DAY_S, year = year_of(today), near, found, best = -1, distance
    cdef int64_t least = 1 << 62
    cdef int longest
    if hour > 23 or minute > 59 or second > 59 or month < 1 or month > 12 or day < 1:
        return -1
    for near in range(year - 1, year + 2):
        longest = 30 if month in (4, 6, 9, 11) else 31
        if month == 2:
            longest = 29 if is_leap(near) else 28
        if day > longest:
            continue
        found = days_of(near, month, day)
        distance = found - today if found >= today else today - found
        if distance < least:
            least = distance
            best = found
    if best < 0:
        return -1
    return best * _DAY_S + hour * 3600 + minute * 60 + second
