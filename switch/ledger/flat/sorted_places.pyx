# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Places sorted by the keys that stand there, without an object for any of them."""

from libc.stdint cimport uint32_t, uint64_t, uint8_t
from libc.stdlib cimport calloc, free, qsort
from libc.string cimport memcmp

cdef enum:
    _TOKEN_BYTES = 16


cdef int _compare_tokens(const void* left, const void* right) noexcept nogil:
    return memcmp((<const void**> left)[0], (<const void**> right)[0], _TOKEN_BYTES)


cdef int _compare_numbers(const void* left, const void* right) noexcept nogil:
    cdef uint64_t one = (<const uint64_t**> left)[0][0], other = (<const uint64_t**> right)[0][0]
    return (one > other) - (one < other)


cdef class SortedPlaces:
    """Takes the addresses of keys, and gives their places once it has sorted them.

    `room` is how many there may be.
    """

    def __cinit__(self, uint64_t room):
        # Addresses are sorted, and a comparison needs nothing but them; places take half the room afterwards.
        self.places = <uint32_t*> calloc(room + 1, sizeof(void*))
        if self.places == NULL:
            raise MemoryError
        self.room = room

    def __dealloc__(self):
        free(self.places)

    cdef void add(self, const void* key) noexcept nogil:
        """One key more; those beyond the room are left out."""
        if self.count < self.room:
            (<const void**> self.places)[self.count] = key
            self.count += 1

    cdef void sort_tokens(self, const void* first, uint64_t width) noexcept nogil:
        """Sort by tokens, which are `width` bytes apart from the first on."""
        qsort(self.places, self.count, sizeof(void*), _compare_tokens)
        self._to_places(first, width)

    cdef void sort_numbers(self, const void* first) noexcept nogil:
        """Sort by numbers, one behind the other from the first on."""
        qsort(self.places, self.count, sizeof(void*), _compare_numbers)
        self._to_places(first, sizeof(uint64_t))

    cdef void _to_places(self, const void* first, uint64_t width) noexcept nogil:
        cdef uint64_t index
        for index in range(self.count):
            self.places[index] = <uint32_t> (
                <uint64_t> ((<const uint8_t**> self.places)[index] - <const uint8_t*> first) // width
            )
