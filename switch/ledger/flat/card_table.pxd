from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t

from switch.ledger.flat.records cimport FlatCard
from switch.ledger.flat.row_table cimport RowTable, SharedRows
from switch.memory.hash_table cimport NumberTable

cdef enum:
    TOKEN_BYTES = 16


cdef struct CardRow:
    uint8_t token[TOKEN_BYTES]
    uint64_t reference
    uint32_t member  # 1 more than the place of the member's number, 0 where no member holds the card
    uint32_t kind


cdef class CardTable:
    """Cards by token; see the implementation."""

    cdef RowTable rows
    cdef SharedRows kinds
    cdef NumberTable numbers
    cdef uint64_t* pin_checks
    cdef uint64_t pin_check_room
    cdef dict long_pin_checks

    cdef bint find(self, const uint8_t* token, FlatCard* into) noexcept nogil
    cdef void read(self, uint64_t place, FlatCard* into) noexcept nogil
    cdef bint holds(self, uint64_t place) noexcept nogil
    cdef object record(self, uint64_t place)
    cdef int put(self, const uint8_t* token, object record) except -1
    cdef bint remove(self, const uint8_t* token) except -1
    cdef int _make_room_for_pin_check(self, uint64_t place) except -1
    cdef int put_card(self, const uint8_t* token, const FlatCard* card, const uint8_t* pin_check) except -1
