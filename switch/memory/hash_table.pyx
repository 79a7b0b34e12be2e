# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Open-addressing hash table from numbers to places in flat columns."""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc

cdef enum:
    _FIRST_CELLS = 16
    _FIRST_ROOM = 8


cdef class NumberTable:
    """Places 0, 1, 2, … by number, in the order in which the numbers came up. Nothing is ever taken out.

    Sixteen bytes for a number at most times: its own eight, and four in a table that is at most two thirds full.
    """

    def __cinit__(self):
        self.cells = <uint32_t*> calloc(_FIRST_CELLS, sizeof(uint32_t))
        self.numbers = <uint64_t*> realloc(NULL, _FIRST_ROOM * sizeof(uint64_t))
        if self.cells == NULL or self.numbers == NULL:
            raise MemoryError
        self.mask = _FIRST_CELLS - 1
        self.room = _FIRST_ROOM
        self.used = 0

    def __dealloc__(self):
        free(self.cells)
        free(self.numbers)

    def __len__(self):
        return self.used

    def __contains__(self, number):
        return 0 <= number < 1 << 64 and self.find(number) != NO_PLACE

    def __iter__(self):
        """Numbers in the order of their places."""
        cdef uint64_t index
        for index in range(self.used):
            yield self.numbers[index]

    cdef int64_t find(self, uint64_t number) noexcept nogil:
        """Place of a number, NO_PLACE where it has none."""
        cdef uint64_t cell = mixed(number) & self.mask
        cdef uint32_t held = self.cells[cell]
        while held:
            if self.numbers[held - 1] == number:
                return held - 1
            cell = (cell + 1) & self.mask
            held = self.cells[cell]
        return NO_PLACE

    cdef int64_t place(self, uint64_t number) except -1:
        """Place of a number, the next one where it has none yet."""
        cdef int64_t found = self.find(number)
        cdef uint64_t cell
        cdef uint64_t* numbers
        if found != NO_PLACE:
            return found
        if self.used >= 0xFFFF_FFFE:
            raise OverflowError("a table has at most 2^32 - 2 numbers")
        if (self.used + 1) * 3 > (self.mask + 1) * 2:
            self._grow()
        if self.used == self.room:
            numbers = <uint64_t*> realloc(self.numbers, (self.room + self.room // 4 + 8) * sizeof(uint64_t))
            if numbers == NULL:
                raise MemoryError
            self.numbers = numbers
            self.room += self.room // 4 + 8
        cell = mixed(number) & self.mask
        while self.cells[cell]:
            cell = (cell + 1) & self.mask
        self.numbers[self.used] = number
        self.used += 1
        self.cells[cell] = <uint32_t> self.used
        return <int64_t> self.used - 1

    cdef int _grow(self) except -1:
        cdef uint64_t mask = self.mask * 2 + 1, index, cell
        cdef uint32_t* cells = <uint32_t*> calloc(mask + 1, sizeof(uint32_t))
        if cells == NULL:
            raise MemoryError
        for index in range(self.used):
            cell = mixed(self.numbers[index]) & mask
            while cells[cell]:
                cell = (cell + 1) & mask
            cells[cell] = <uint32_t> (index + 1)
        free(self.cells)
        self.cells = cells
        self.mask = mask
        return 0
