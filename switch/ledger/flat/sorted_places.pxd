from libc.stdint cimport uint32_t, uint64_t


cdef class SortedPlaces:
    """Places in the order of their keys; see the implementation."""

    cdef uint32_t* places
    cdef uint64_t count
    cdef uint64_t room

    cdef void add(self, const void* key) noexcept nogil
    cdef void sort_tokens(self, const void* first, uint64_t width) noexcept nogil
    cdef void sort_numbers(self, const void* first) noexcept nogil
    cdef void _to_places(self, const void* first, uint64_t width) noexcept nogil
