from libc.stdint cimport int64_t, uint64_t

from switch.ledger.flat.card_table cimport CardTable
from switch.ledger.flat.member_table cimport MemberTable
from switch.ledger.flat.small_numbers cimport SmallNumbers
from switch.ledger.flat.sorted_places cimport SortedPlaces
from switch.memory.hash_table cimport NumberTable


cdef class PlaceMap:
    """A mapping over places; see the implementation."""

    cdef object read(self, object key)
    cdef int write(self, object key, object value) except -1
    cdef bint drop(self, object key) except -1
    cdef uint64_t length(self) noexcept
    cdef uint64_t changes(self) noexcept
    cdef uint64_t place_count(self) noexcept
    cdef bint holds(self, uint64_t place) noexcept
    cdef object key_at(self, uint64_t place)
    cdef object value_at(self, uint64_t place)
    cdef SortedPlaces sorted_places(self)


cdef class CardPlaces(PlaceMap):
    cdef CardTable table


cdef class MemberPlaces(PlaceMap):
    cdef MemberTable table


cdef class NumberPlaces(PlaceMap):
    cdef NumberTable numbers
    cdef SmallNumbers column
