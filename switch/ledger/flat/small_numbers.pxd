from libc.stdint cimport uint64_t, uint8_t

from switch.memory.hash_table cimport NumberTable


cdef class SmallNumbers:
    """A column of numbers most of which are small; see the implementation."""

    cdef uint8_t* cells
    cdef uint64_t room
    cdef uint64_t used
    cdef uint64_t* large
    cdef uint64_t large_room
    cdef NumberTable large_places
    cdef uint64_t limit
    cdef int width
    cdef readonly uint64_t count
    cdef uint64_t changes  # how often a number became or ceased to be 0

    cdef uint64_t get(self, uint64_t place) noexcept nogil
    cdef int put(self, uint64_t place, uint64_t number) except -1
    cdef int _put_cell(self, uint64_t place, uint64_t cell) except -1
    cdef int _put_large(self, uint64_t place, uint64_t number) except -1
