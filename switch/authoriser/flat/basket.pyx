# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Baskets and other figures of field 48, from their text to facts and to the lines of an entry.

Takes printable ASCII only; `switch.gate.details` is the definition and says what is wrong with the rest.
"""

from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcmp

from switch.memory.buffer cimport Buffer, put_bytes, put_number, put_number_8
from switch.memory.texts cimport TEXTS
from switch.rules.flat.decision cimport LABELS_MAX, LINES_MAX, METRICS_MAX, FlatFacts, FlatLine

from switch.rules import facts as plain_facts

cdef enum:
    _WORD_CHARACTERS_MAX = 32
    _QUANTITY_DIGITS_MAX = 6
    _NUMBER_DIGITS_MAX = 12
    _METRIC_NAME_MAX = 16
    _PARTS = 5

assert plain_facts.LINES_MAX == LINES_MAX


# A piece of a text between two separators.
cdef struct _Piece:
    const uint8_t* at
    int size


cdef inline int _until(const uint8_t* text, int start, int end, uint8_t separator) noexcept nogil:
    """Where the next separator stands, or the end."""
    while start < end and text[start] != separator:
        start += 1
    return start


cdef inline int64_t _digits(_Piece* piece, int digits_max) noexcept nogil:
    """Value of plain digits, -1 for anything else."""
    cdef int64_t number = 0
    cdef int place
    if not 1 <= piece.size <= digits_max:
        return -1
    for place in range(piece.size):
        if not 48 <= piece.at[place] <= 57:
            return -1
        number = number * 10 + piece.at[place] - 48
    return number


cdef int _split(const uint8_t* text, int start, int end, uint8_t separator, _Piece* pieces, int room) noexcept nogil:
    """Pieces between separators, one for an empty text; -1 where there are more than there's room for."""
    cdef int count = 0, stop
    while True:
        if count == room:
            return -1
        stop = _until(text, start, end, separator)
        pieces[count].at = text + start
        pieces[count].size = stop - start
        count += 1
        if stop == end:
            return count
        start = stop + 1


cdef bint read_basket(const uint8_t* text, int size, FlatFacts* facts) except -1:
    """Fill in the lines of a basket; False for one that the plain reader must judge."""
    cdef int start = 0, end, place
    if not is_printable(text, size):
        return False
    facts.line_count = 0
    if size == 0:
        return True
    while True:
        if facts.line_count == LINES_MAX:
            return False
        end = _until(text, start, size, 59)  # ;
        if not _read_line(text, start, end, &facts.lines[facts.line_count]):
            return False
        facts.line_count += 1
        if end == size:
            return True
        start = end + 1


cdef bint _read_line(const uint8_t* text, int start, int end, FlatLine* line) except -1:
    """`sku,category,quantity,amount[,label+label]`."""
    cdef _Piece parts[_PARTS]
    cdef _Piece labels[LABELS_MAX]
    cdef int count = _split(text, start, end, 44, parts, _PARTS), index  # ,
    if count < _PARTS - 1 or parts[0].size + parts[1].size == 0:
        return False
    if parts[0].size > _WORD_CHARACTERS_MAX or parts[1].size > _WORD_CHARACTERS_MAX:
        return False
    line.quantity = _digits(&parts[2], _QUANTITY_DIGITS_MAX)
    line.amount = _digits(&parts[3], _NUMBER_DIGITS_MAX)
    if line.quantity <= 0 or line.amount < 0:
        return False
    line.sku = TEXTS.find(parts[0].at, parts[0].size)
    line.category = TEXTS.find(parts[1].at, parts[1].size)
    line.label_count = 0
    if count == _PARTS:
        line.label_count = _split(parts[4].at, 0, parts[4].size, 43, labels, LABELS_MAX)  # +
        if line.label_count < 0:
            return False
        for index in range(line.label_count):
            if not 1 <= labels[index].size <= _WORD_CHARACTERS_MAX:
                return False
            line.labels[index] = TEXTS.find(labels[index].at, labels[index].size)
    return True


cdef bint read_metrics(const uint8_t* text, int size, FlatFacts* facts) except -1:
    """Fill in `name=number;name=number`; False for what the plain reader must judge."""
    cdef _Piece pieces[METRICS_MAX]
    cdef _Piece names[METRICS_MAX]
    cdef _Piece digits
    cdef int count, index, other, place
    facts.metric_count = 0
    if size == 0:
        return True
    count = _split(text, 0, size, 59, pieces, METRICS_MAX)  # ;
    if count < 0:
        return False
    for index in range(count):
        place = _until(pieces[index].at, 0, pieces[index].size, 61)  # =
        names[index].at = pieces[index].at
        names[index].size = place
        if place == pieces[index].size or not _is_name(&names[index]):
            return False
        for other in range(index):
            if names[other].size == place and memcmp(names[other].at, names[index].at, place) == 0:
                return False
        digits.at = pieces[index].at + place + 1
        digits.size = pieces[index].size - place - 1
        facts.metric_values[index] = _digits(&digits, _NUMBER_DIGITS_MAX)
        if facts.metric_values[index] < 0:
            return False
        facts.metric_names[index] = TEXTS.find(names[index].at, place)
    facts.metric_count = count
    return True


cdef void put_basket(Buffer* into, const uint8_t* text, int size, int line_count) noexcept nogil:
    """Write the lines of a basket that was read as an entry has them."""
    cdef _Piece parts[_PARTS]
    cdef _Piece labels[LABELS_MAX]
    cdef int start = 0, end, count, index, label_count
    put_number(into, line_count, 1)
    while line_count:
        line_count -= 1
        end = _until(text, start, size, 59)
        count = _split(text, start, end, 44, parts, _PARTS)
        put_number_8(into, _digits(&parts[2], _QUANTITY_DIGITS_MAX))
        put_number_8(into, _digits(&parts[3], _NUMBER_DIGITS_MAX))
        _put_text(into, &parts[0])
        _put_text(into, &parts[1])
        label_count = 0
        if count == _PARTS:
            label_count = _split(parts[4].at, 0, parts[4].size, 43, labels, LABELS_MAX)
        put_number(into, label_count, 1)
        for index in range(label_count):
            _put_text(into, &labels[index])
        start = end + 1


cdef void _put_text(Buffer* into, _Piece* piece) noexcept nogil:
    put_number(into, piece.size, 1)
    put_bytes(into, piece.at, piece.size)


cdef bint is_printable(const uint8_t* text, int size) noexcept nogil:
    cdef int place
    for place in range(size):
        if not 0x20 <= text[place] <= 0x7E:
            return False
    return True


cdef bint _is_name(_Piece* name) noexcept nogil:
    """A letter, then at most fifteen letters, digits or underscores, all of them small."""
    cdef int place
    cdef uint8_t each
    if not 1 <= name.size <= _METRIC_NAME_MAX or not 97 <= name.at[0] <= 122:
        return False
    for place in range(1, name.size):
        each = name.at[place]
        if not (97 <= each <= 122 or 48 <= each <= 57 or each == 95):
            return False
    return True
