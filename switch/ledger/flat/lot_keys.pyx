# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Keys of buckets as small numbers: the times of lots are few and accounts many."""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc

from switch.memory.hash_table cimport mixed

cdef enum:
    _FIRST_CELLS = 16
    _FIRST_ROOM = 8
    _NUMBERS_MAX = 0xFFFF_FFFE  # one number is left for those who need a mark


cdef class LotKeys:
    """Numbers of (available from, expires at) pairs in the order in which they came up; 0 is debt.

    Most keys have their expiry at a midnight; only what comes back with a purse's grace has a second of its
    own. Nothing is ever taken out.
    """

    def __cinit__(self):
        self._cells = <uint32_t*> calloc(_FIRST_CELLS, sizeof(uint32_t))
        self.times = <LotTimes*> malloc(_FIRST_ROOM * sizeof(LotTimes))
        if self._cells == NULL or self.times == NULL:
            raise MemoryError
        self._mask = _FIRST_CELLS - 1
        self._room = _FIRST_ROOM
        # Debt is never looked for in the cells, which hold 0 where they are free.
        self.times[0].expires_at_s = self.times[0].available_from_s = 0
        self._used = 1
        self._newest = 0

    def __dealloc__(self):
        free(self._cells)
        free(self.times)

    cdef int64_t number(self, uint64_t available_from_s, uint64_t expires_at_s) except -1:
        """Number of a key, a new one where it has none yet."""
        cdef LotTimes* times = &self.times[self._newest]
        cdef uint64_t cell
        cdef uint32_t held
        if times.expires_at_s == expires_at_s and times.available_from_s == available_from_s:
            return self._newest
        if expires_at_s == 0 and available_from_s == 0:
            return 0
        cell = _cell(available_from_s, expires_at_s) & self._mask
        held = self._cells[cell]
        while held:
            times = &self.times[held]
            if times.expires_at_s == expires_at_s and times.available_from_s == available_from_s:
                self._newest = held
                return held
            cell = (cell + 1) & self._mask
            held = self._cells[cell]
        if self._used == self._room or self._used * <uint64_t> 3 > (self._mask + 1) * 2:
            self._grow()
            cell = _cell(available_from_s, expires_at_s) & self._mask
            while self._cells[cell]:
                cell = (cell + 1) & self._mask
        times = &self.times[self._used]
        times.expires_at_s = expires_at_s
        times.available_from_s = available_from_s
        self._cells[cell] = self._newest = self._used
        self._used += 1
        return self._newest

    cdef int _grow(self) except -1:
        """Room for at least one more key."""
        cdef uint64_t room, mask, cell
        cdef uint32_t index
        cdef LotTimes* times
        cdef uint32_t* cells
        if self._used == self._room:
            if self._room == _NUMBERS_MAX:
                raise OverflowError("lots have at most 2^32 - 2 different times")
            room = min(self._room + self._room // 2 + <uint64_t> _FIRST_ROOM, <uint64_t> _NUMBERS_MAX)
            times = <LotTimes*> realloc(self.times, room * sizeof(LotTimes))
            if times == NULL:
                raise MemoryError
            self.times = times
            self._room = <uint32_t> room
        if self._used * <uint64_t> 3 <= (self._mask + 1) * 2:
            return 0
        mask = self._mask * 2 + 1
        cells = <uint32_t*> calloc(mask + 1, sizeof(uint32_t))
        if cells == NULL:
            raise MemoryError
        for index in range(1, self._used):
            cell = _cell(self.times[index].available_from_s, self.times[index].expires_at_s) & mask
            while cells[cell]:
                cell = (cell + 1) & mask
            cells[cell] = index
        free(self._cells)
        self._cells = cells
        self._mask = mask
        return 0


cdef inline uint64_t _cell(uint64_t available_from_s, uint64_t expires_at_s) noexcept nogil:
    return mixed(mixed(expires_at_s) ^ available_from_s)
