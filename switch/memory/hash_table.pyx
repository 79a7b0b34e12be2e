# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Open-addressing hash table from numbers to places in flat columns."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc

cdef enum:
    _FIRST_CELLS = 16
    _FIRST_ROOM = 8


cdef class NumberTable:
    """Places 0, 1, 2, … by number, in the order in which the numbers came up. Nothing is ever taken out.

    Eighteen bytes for a number at most times: its own eight, and five in a table that is at most two thirds full.
    Four of these are the place, one is a part of the number's hash: most numbers that are sought and not there
    are told by it from those that are, which stand elsewhere, where reading them takes long.
    """

    def __cinit__(self):
        self.cells = <uint32_t*> calloc(_FIRST_CELLS, sizeof(uint32_t))
        self.tags = <uint8_t*> calloc(_FIRST_CELLS, 1)
        self.numbers = <uint64_t*> realloc(NULL, _FIRST_ROOM * sizeof(uint64_t))
        if self.cells == NULL or self.tags == NULL or self.numbers == NULL:
            raise MemoryError
        self.mask = _FIRST_CELLS - 1
        self.room = _FIRST_ROOM
        self.used = 0

    def __dealloc__(self):
        free(self.cells)
        free(self.tags)
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
        cdef uint64_t hashed = mixed(number), cell = hashed & self.mask
        cdef uint8_t tag = tag_of(hashed)
        cdef uint32_t held = self.cells[cell]
        while held:
            if self.tags[cell] == tag and self.numbers[held - 1] == number:
                return held - 1
            cell = (cell + 1) & self.mask
            held = self.cells[cell]
        return NO_PLACE

    cdef void fetch_cell(self, uint64_t number) noexcept nogil:
        """Have the cell brought in that `find` looks at first."""
        cdef uint64_t cell = mixed(number) & self.mask
        fetch(&self.cells[cell])
        fetch(&self.tags[cell])

    cdef int64_t guess(self, uint64_t number) noexcept nogil:
        """The first place that may be the number's, having it brought in; NO_PLACE where there is none."""
        cdef uint64_t hashed = mixed(number), cell = hashed & self.mask
        cdef uint8_t tag = tag_of(hashed)
        while self.cells[cell]:
            if self.tags[cell] == tag:
                fetch(&self.numbers[self.cells[cell] - 1])
                return <int64_t> self.cells[cell] - 1
            cell = (cell + 1) & self.mask
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
        self.numbers[self.used] = number
        self.used += 1
        self._enter(self.used - 1)
        return <int64_t> self.used - 1

    cdef void _enter(self, uint64_t index) noexcept nogil:
        cdef uint64_t hashed = mixed(self.numbers[index]), cell = hashed & self.mask
        while self.cells[cell]:
            cell = (cell + 1) & self.mask
        self.cells[cell] = <uint32_t> (index + 1)
        self.tags[cell] = tag_of(hashed)

    cdef int _grow(self) except -1:
        cdef uint64_t mask = self.mask * 2 + 1, index
        cdef uint32_t* cells = <uint32_t*> calloc(mask + 1, sizeof(uint32_t))
        cdef uint8_t* tags = <uint8_t*> calloc(mask + 1, 1)
        if cells == NULL or tags == NULL:
            free(cells)
            free(tags)
            raise MemoryError
        free(self.cells)
        free(self.tags)
        self.cells = cells
        self.tags = tags
        self.mask = mask
        for index in range(self.used):
            self._enter(index)
        return 0
