# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""A column of unsigned 64-bit numbers that takes one or four bytes for each as long as they are small."""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from switch.memory.hash_table cimport NO_PLACE, NumberTable

cdef enum:
    _FIRST_ROOM = 64


cdef class SmallNumbers:
    """Numbers by place, 0 at first. The largest that a cell can hold says that the number is elsewhere."""

    def __cinit__(self, int width):
        if width not in (1, 4):
            raise ValueError("a cell has one byte or four")
        self.width = width
        self.limit = (<uint64_t> 1 << (8 * width)) - 1
        self.large_places = NumberTable()

    def __dealloc__(self):
        free(self.cells)
        free(self.large)

    def __len__(self):
        """How many are not 0."""
        return self.count

    cdef uint64_t get(self, uint64_t place) noexcept nogil:
        """The number at a place."""
        cdef uint64_t number
        cdef int64_t large_place
        if place >= self.used:
            return 0
        number = self.cells[place] if self.width == 1 else (<uint32_t*> self.cells)[place]
        if number == self.limit:
            large_place = self.large_places.find(place)
            if large_place != NO_PLACE:
                number = self.large[large_place]
        return number

    cdef int put(self, uint64_t place, uint64_t number) except -1:
        """Set the number at a place."""
        cdef uint64_t before = self.get(place)
        if number >= self.limit:
            self._put_large(place, number)
        self._put_cell(place, min(number, self.limit))
        if (before == 0) != (number == 0):
            self.count += 1 if number else -1
            self.changes += 1
        return 0

    cdef int _put_cell(self, uint64_t place, uint64_t cell) except -1:
        cdef uint64_t room
        cdef uint8_t* cells
        if place >= self.room:
            room = max(self.room + self.room // 4, place + _FIRST_ROOM)
            cells = <uint8_t*> realloc(self.cells, room * self.width)
            if cells == NULL:
                raise MemoryError
            self.cells = cells
            self.room = room
        if place >= self.used:
            # Only as far as it is used: pages that nobody touched take no memory.
            memset(self.cells + self.used * self.width, 0, (place + 1 - self.used) * self.width)
            self.used = place + 1
        if self.width == 1:
            self.cells[place] = <uint8_t> cell
        else:
            (<uint32_t*> self.cells)[place] = <uint32_t> cell
        return 0

    cdef int _put_large(self, uint64_t place, uint64_t number) except -1:
        cdef uint64_t room
        cdef uint64_t* large
        # Room first: a place without a number must never be found.
        if self.large_places.used >= self.large_room:
            room = self.large_room + self.large_room // 4 + _FIRST_ROOM
            large = <uint64_t*> realloc(self.large, room * sizeof(uint64_t))
            if large == NULL:
                raise MemoryError
            self.large = large
            self.large_room = room
        self.large[self.large_places.place(place)] = number
        return 0
