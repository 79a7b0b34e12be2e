# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Which accounts have something to expire, and when."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memmove

from switch.ledger.flat.accounts cimport FlatAccounts, compare_numbers

cdef enum:
    _FIRST_ROOM = 4


cdef class ExpiryQueue:
    """What `switch.ledger.lots.Lots` keeps in `_expiring` and `_expired`, as columns by moment.

    An account may be noted for a moment more than once, and for one at which it has nothing left.
    """

    def __cinit__(self, FlatAccounts accounts not None):
        self._accounts = accounts
        self._due = <Due*> malloc(_FIRST_ROOM * sizeof(Due))
        if self._due == NULL:
            raise MemoryError
        self._room = _FIRST_ROOM

    def __dealloc__(self):
        cdef uint64_t index
        for index in range(self._first, self._end):
            free(self._due[index].coming)
            free(self._due[index].expired)
        free(self._due)

    cdef int note(self, uint64_t moment_s, uint32_t slot) except -1:
        """Note that an account has something that expires at this second."""
        cdef Due* due = self.of_moment(moment_s)
        if due == NULL:
            due = self._made(moment_s)
        if due.coming_count == due.coming_room:
            self._widen(due)
        due.coming[due.coming_count] = slot
        due.coming_count += 1
        return 0

    cdef int look(self, uint64_t now_s) except -1:
        """Put the accounts of all moments up to now in order."""
        cdef uint64_t index
        self.asked_s = max(self.asked_s, now_s)
        for index in range(self._first, self._end):
            if self._due[index].moment_s > now_s:
                break
            if self._due[index].coming_count:
                self._take_over(&self._due[index])
        return 0

    cdef list moments(self, uint64_t now_s):
        """Moments up to now, ascending."""
        cdef uint64_t index
        found = []
        for index in range(self._first, self._end):
            if self._due[index].moment_s > now_s:
                break
            found.append(self._due[index].moment_s)
        return found

    cdef Due* of_moment(self, uint64_t moment_s) noexcept:
        """What is due at a moment, NULL for nothing; valid until the next `note`, `look` or `forget`."""
        cdef uint64_t place = self._newest
        if not (self._first <= place < self._end and self._due[place].moment_s == moment_s):
            place = self._place(moment_s)
            if place == self._end or self._due[place].moment_s != moment_s:
                return NULL
            self._newest = place
        return &self._due[place]

    cdef void forget(self, uint64_t moment_s) noexcept:
        """Nothing is left of a moment."""
        cdef uint64_t place = self._place(moment_s)
        free(self._due[place].coming)
        free(self._due[place].expired)
        if place == self._first:
            self._first += 1
            return
        memmove(&self._due[place], &self._due[place + 1], (self._end - place - 1) * sizeof(Due))
        self._end -= 1

    cdef Due* _made(self, uint64_t moment_s) except NULL:
        cdef uint64_t place
        cdef Due* moved
        if self._end == self._room:
            if self._first > self._room // 4:
                memmove(self._due, &self._due[self._first], (self._end - self._first) * sizeof(Due))
                self._end -= self._first
                self._first = 0
            else:
                moved = <Due*> realloc(self._due, self._room * 2 * sizeof(Due))
                if moved == NULL:
                    raise MemoryError
                self._due = moved
                self._room *= 2
        place = self._place(moment_s)
        memmove(&self._due[place + 1], &self._due[place], (self._end - place) * sizeof(Due))
        self._end += 1
        self._due[place] = Due(moment_s, NULL, 0, 0, NULL, 0)
        self._newest = place
        return &self._due[place]

    cdef uint64_t _place(self, uint64_t moment_s) noexcept:
        """Where a moment stands or would stand."""
        cdef uint64_t low = self._first, high = self._end, middle
        while low < high:
            middle = low + (high - low) // 2
            if self._due[middle].moment_s < moment_s:
                low = middle + 1
            else:
                high = middle
        return low

    cdef int _widen(self, Due* due) except -1:
        """Room for one more slot. Those noted again and again are taken out where they have become most."""
        cdef uint64_t accounts = self._accounts.places.used, index, kept = 0, room
        cdef uint32_t slot
        cdef uint32_t* coming
        cdef uint8_t* seen
        if due.coming_count >= 2 * accounts + _FIRST_ROOM:
            seen = <uint8_t*> calloc(accounts // 8 + 1, 1)
            if seen == NULL:
                raise MemoryError
            for index in range(due.coming_count):
                slot = due.coming[index]
                if not seen[slot >> 3] >> (slot & 7) & 1:
                    seen[slot >> 3] |= 1 << (slot & 7)
                    due.coming[kept] = slot
                    kept += 1
            free(seen)
            due.coming_count = kept
            return 0
        room = due.coming_room + due.coming_room // 4 + _FIRST_ROOM
        coming = <uint32_t*> realloc(due.coming, room * sizeof(uint32_t))
        if coming == NULL:
            raise MemoryError
        due.coming = coming
        due.coming_room = room
        return 0

    cdef int _take_over(self, Due* due) except -1:
        """All accounts of a moment in descending order, each once."""
        cdef uint64_t count = due.expired_count + due.coming_count, index, kept = 0
        cdef uint64_t* expired = <uint64_t*> realloc(due.expired, count * sizeof(uint64_t))
        cdef uint64_t number
        if expired == NULL:
            raise MemoryError
        due.expired = expired
        for index in range(due.coming_count):
            expired[due.expired_count + index] = self._accounts.places.numbers[due.coming[index]]
        with nogil:
            qsort(expired, count, sizeof(uint64_t), compare_numbers)
        for index in range(count):
            if kept == 0 or expired[kept - 1] != expired[index]:
                expired[kept] = expired[index]
                kept += 1
        for index in range(kept // 2):
            number = expired[index]
            expired[index] = expired[kept - 1 - index]
            expired[kept - 1 - index] = number
        due.expired_count = kept
        free(due.coming)
        due.coming = NULL
        due.coming_count = due.coming_room = 0
        return 0


cdef uint64_t count_greater(const Due* due, uint64_t account) noexcept nogil:
    """How many of the expired accounts have a greater number: those before it."""
    cdef uint64_t low = 0, high = due.expired_count, middle
    while low < high:
        middle = low + (high - low) // 2
        if due.expired[middle] > account:
            low = middle + 1
        else:
            high = middle
    return low
