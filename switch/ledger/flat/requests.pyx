# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""A terminal's remembered requests in flat columns; `switch.ledger.requests` is the definition."""

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memmove

from switch.ledger.flat.columns cimport Column, column_of, number_at

import hashlib
from array import array

from switch.ledger.requests import REMEMBERED_REQUESTS, WindowContent

cdef enum:
    _FIRST_ROOM = 3
    # Forgotten places are taken out so many at a time, where a window is full.
    _CLEARED_PLACES = 256

cdef uint32_t _REMEMBERED = REMEMBERED_REQUESTS
cdef uint32_t _ROOM_MAX = _REMEMBERED + _CLEARED_PLACES


cdef class FlatWindow:
    """The newest requests of one terminal: sixteen bytes each, and as many for each that was undone."""

    def __dealloc__(self):
        free(self._requests.pairs)
        free(self._undone.pairs)

    def find(self, uint64_t key):
        """Position of a request's entry, if the request is remembered."""
        return self.position_of(key) or None

    def is_counted(self, uint64_t key):
        """Whether a remembered request is in the totals of its business day."""
        return self.counted(key)

    def undone_by(self, uint64_t key):
        """Position of the reversal that named this request, known or not, if there is one."""
        cdef uint32_t index = _place(&self._undone, key)
        return self._undone.pairs[index].value if _is_at(&self._undone, index, key) else None

    def is_forgotten(self, uint64_t key):
        """Whether a key that isn't known may once have been."""
        return key <= self.floor

    def remember(self, uint64_t key, uint64_t position, *, bint is_counted=False):
        """Store where a request's outcome stands in the journal."""
        self.take(key, position, is_counted)

    def undo(self, uint64_t key, uint64_t position):
        """Note that a reversal named this request. Where the request isn't known this is its tombstone."""
        self.undo_one(key, position)

    def content(self):
        """All that the window holds."""
        return WindowContent(
            self.floor,
            _column(&self._requests, False),
            _column(&self._requests, True),
            _column(&self._undone, False),
            _column(&self._undone, True),
        )

    def restore(self, content not None):
        """Take over what a window held, into an empty one."""
        _fill(&self._requests, content.keys, content.places)
        _fill(&self._undone, content.undone_keys, content.undone_positions)
        self.floor = content.floor

    def digest(self):
        """Hash over everything that decides later requests."""
        cdef uint32_t index
        found = hashlib.sha256(self.floor.to_bytes(16, "big"))
        for index in range(self._requests.first, self._requests.end):
            found.update(b"%d:%d;" % (self._requests.pairs[index].key, self._requests.pairs[index].value))
        for index in range(self._undone.first, self._undone.end):
            found.update(b"undone %d:%d;" % (self._undone.pairs[index].key, self._undone.pairs[index].value))
        return found.digest()

    cdef uint64_t position_of(self, uint64_t key) noexcept nogil:
        """Position of a remembered request's entry, 0 where it isn't remembered."""
        return _value(&self._requests, key) >> 1

    cdef bint counted(self, uint64_t key) noexcept nogil:
        """Whether a remembered request is in the totals of its business day."""
        return _value(&self._requests, key) & 1

    cdef uint64_t undone_position(self, uint64_t key) noexcept nogil:
        """Position of the reversal that named a request, 0 where none did."""
        return _value(&self._undone, key)

    cdef int take(self, uint64_t key, uint64_t position, bint is_counted=False) except -1:
        """Remember a request. Raises OverflowError for a position of more than 63 bits."""
        if position >> 63:
            raise OverflowError("a position has at most 63 bits")
        return self._put(key, position << 1 | is_counted)

    cdef int undo_one(self, uint64_t key, uint64_t position) except -1:
        """Note that a reversal named a request, unless one did before."""
        cdef uint32_t index = _place(&self._undone, key)
        if _is_at(&self._undone, index, key):
            return 0
        _insert(&self._undone, index, key, position)
        if not _value(&self._requests, key):
            self._put(key, 0)
        return 0

    cdef int _put(self, uint64_t key, uint64_t value) except -1:
        cdef uint32_t index = _place(&self._requests, key)
        cdef uint64_t forgotten
        if _is_at(&self._requests, index, key):
            self._requests.pairs[index].value = value
            return 0
        _insert(&self._requests, index, key, value)
        if self._requests.end - self._requests.first > _REMEMBERED:
            forgotten = self._requests.pairs[self._requests.first].key
            self._requests.first += 1
            # Whatever is undone is among the requests, so the first of both is the same if it is there.
            if _is_at(&self._undone, self._undone.first, forgotten):
                self._undone.first += 1
            self.floor = max(self.floor, forgotten)
        return 0


cdef uint32_t _place(KeyQueue* queue, uint64_t key) noexcept nogil:
    """Where a key stands or would stand. Most keys are newer than all others."""
    cdef uint32_t low = queue.first, high = queue.end, middle
    if low == high or key > queue.pairs[high - 1].key:
        return high
    while low < high:
        middle = (low + high) // 2
        if queue.pairs[middle].key < key:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline bint _is_at(KeyQueue* queue, uint32_t index, uint64_t key) noexcept nogil:
    return index < queue.end and queue.pairs[index].key == key


cdef inline uint64_t _value(KeyQueue* queue, uint64_t key) noexcept nogil:
    cdef uint32_t index = _place(queue, key)
    return queue.pairs[index].value if _is_at(queue, index, key) else 0


cdef int _insert(KeyQueue* queue, uint32_t index, uint64_t key, uint64_t value) except -1:
    cdef uint32_t room
    cdef KeyValue* pairs
    if queue.end == queue.room:
        if queue.room == _ROOM_MAX or queue.first > queue.room // 4:
            queue.end -= queue.first
            index -= queue.first
            memmove(queue.pairs, queue.pairs + queue.first, queue.end * sizeof(KeyValue))
            queue.first = 0
        else:
            room = min(queue.room + queue.room // 4 + _FIRST_ROOM, _ROOM_MAX)
            pairs = <KeyValue*> realloc(queue.pairs, room * sizeof(KeyValue))
            if pairs == NULL:
                raise MemoryError
            queue.pairs = pairs
            queue.room = room
    memmove(&queue.pairs[index + 1], &queue.pairs[index], (queue.end - index) * sizeof(KeyValue))
    queue.pairs[index] = KeyValue(key, value)
    queue.end += 1
    return 0


cdef object _column(KeyQueue* queue, bint of_values):
    """Keys or values that aren't forgotten."""
    cdef uint32_t index
    found = array("Q")
    for index in range(queue.first, queue.end):
        found.append(queue.pairs[index].value if of_values else queue.pairs[index].key)
    return found


cdef int _fill(KeyQueue* queue, keys, values) except -1:
    """Put pairs, ascending, into an empty queue."""
    cdef Column each_key = column_of(keys), each_value = column_of(values)
    cdef uint32_t index
    if each_key.count != each_value.count or each_key.count > _REMEMBERED:
        raise ValueError("a window can't hold that")
    for index in range(each_key.count):
        if index and number_at(&each_key, index) <= queue.pairs[queue.end - 1].key:
            raise ValueError("keys of a window aren't in order")
        _insert(queue, queue.end, number_at(&each_key, index), number_at(&each_value, index))
    return 0
