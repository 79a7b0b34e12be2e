# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Rows of one width in one piece of memory, found by the keys with which they begin."""

from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

from switch.memory.hash_table cimport NO_PLACE, fetch, mixed

cdef enum:
    _FIRST_CELLS = 16
    _FIRST_ROOM = 8

cdef uint64_t _PLACES_MAX = 0xFFFF_FFFE


cdef class RowTable:
    """An open-addressing table of 32-bit places, at most seven tenths full, over the rows.

    Both grow by a quarter. A row's place is its own until it is removed; the next new row takes it then. Keys
    are whole words of eight bytes. What follows the key in a new row is zero, and so is a removed row except
    for its first four bytes.
    """

    def __cinit__(self, uint32_t width, uint32_t key_bytes):
        if not 0 < key_bytes <= width or key_bytes % sizeof(uint64_t) or width % sizeof(uint64_t):
            raise ValueError("rows and keys are whole words")
        self.width = width
        self.key_bytes = key_bytes
        self.cells = <uint32_t*> calloc(_FIRST_CELLS, sizeof(uint32_t))
        self.rows = <uint8_t*> realloc(NULL, <size_t> _FIRST_ROOM * width)
        if self.cells == NULL or self.rows == NULL:
            raise MemoryError
        self.cell_count = _FIRST_CELLS
        self.room = _FIRST_ROOM

    def __dealloc__(self):
        free(self.cells)
        free(self.rows)

    def __len__(self):
        return self.count

    cdef int64_t find(self, const void* key) noexcept nogil:
        """Place of the row with a key, NO_PLACE where there is none."""
        cdef uint64_t cell = self._home(key)
        cdef uint32_t held = self.cells[cell]
        while held:
            if memcmp(self.rows + <uint64_t> (held - 1) * self.width, key, self.key_bytes) == 0:
                return held - 1
            cell += 1
            if cell == self.cell_count:
                cell = 0
            held = self.cells[cell]
        return NO_PLACE

    cdef void fetch_cell(self, const void* key) noexcept nogil:
        """Have the cell brought in that `find` looks at first."""
        fetch(&self.cells[self._home(key)])

    cdef int64_t guess(self, const void* key) noexcept nogil:
        """The place at which `find` looks first, having it brought in; NO_PLACE where there is none."""
        cdef uint32_t held = self.cells[self._home(key)]
        if held:
            fetch(self.rows + <uint64_t> (held - 1) * self.width)
        return <int64_t> held - 1

    cdef int64_t place(self, const void* key) except -1:
        """Place of the row with a key, a new one's where there is none."""
        cdef int64_t found = self.find(key)
        cdef uint64_t place
        cdef uint8_t* row
        if found != NO_PLACE:
            return found
        if (self.count + 1) * 10 > self.cell_count * 7:
            self._grow_cells()
        if self.first_free:
            place = self.first_free - 1
            row = self.row(place)
            memcpy(&self.first_free, row, sizeof(uint32_t))
        else:
            if self.used == self.room:
                self._grow_rows()
            place = self.used
            row = self.row(place)
            self.used += 1
        memset(row, 0, self.width)
        memcpy(row, key, self.key_bytes)
        self._enter(place)
        self.count += 1
        self.changes += 1
        return <int64_t> place

    cdef void remove(self, uint64_t place) noexcept nogil:
        """Remove the row at a place."""
        cdef uint8_t* row = self.row(place)
        cdef uint64_t hole = self._home(row), cell, home
        while self.cells[hole] != place + 1:
            hole += 1
            if hole == self.cell_count:
                hole = 0
        # Those behind move up, as far as none comes before the cell at which it is sought.
        cell = hole
        while True:
            cell += 1
            if cell == self.cell_count:
                cell = 0
            if self.cells[cell] == 0:
                break
            home = self._home(self.row(self.cells[cell] - 1))
            if (cell + self.cell_count - home) % self.cell_count >= (
                cell + self.cell_count - hole
            ) % self.cell_count:
                self.cells[hole] = self.cells[cell]
                hole = cell
        self.cells[hole] = 0
        memset(row, 0, self.width)
        memcpy(row, &self.first_free, sizeof(uint32_t))
        self.first_free = <uint32_t> (place + 1)
        self.count -= 1
        self.changes += 1

    cdef uint8_t* row(self, uint64_t place) noexcept nogil:
        """The row at a place; it stays there until the next new one."""
        return self.rows + place * self.width

    cdef uint64_t _home(self, const void* key) noexcept nogil:
        # The first cell in which a key is sought.
        cdef uint64_t hashed = 0, word
        cdef uint32_t index
        for index in range(self.key_bytes // sizeof(uint64_t)):
            memcpy(&word, <const uint64_t*> key + index, sizeof(uint64_t))
            hashed = mixed(hashed + word)
        return ((hashed >> 32) * self.cell_count) >> 32

    cdef void _enter(self, uint64_t place) noexcept nogil:
        cdef uint64_t cell = self._home(self.row(place))
        while self.cells[cell]:
            cell += 1
            if cell == self.cell_count:
                cell = 0
        self.cells[cell] = <uint32_t> (place + 1)

    cdef int _grow_cells(self) except -1:
        return _widen_cells(self, self.cell_count + self.cell_count // 4)

    cdef int _grow_rows(self) except -1:
        return _widen_rows(self, self.room + self.room // 4 + _FIRST_ROOM)


cdef class SharedRows(RowTable):
    """Contents by number, each kept once for as long as anybody has taken it; 0 is the content of zero bytes.

    A row is the content and how often it was taken.
    """

    def __cinit__(self, uint32_t width, uint32_t key_bytes):
        if width < key_bytes + sizeof(uint64_t):
            raise ValueError("no room for the count")
        cdef uint8_t* zeros = <uint8_t*> calloc(1, key_bytes)
        if zeros == NULL:
            raise MemoryError
        try:
            self.take(zeros)
        finally:
            free(zeros)

    cdef int64_t take(self, const void* content) except -1:
        """Number of a content, to be released as often as it was taken."""
        cdef uint64_t place = self.place(content)
        (<uint64_t*> (self.row(place) + self.key_bytes))[0] += 1
        return <int64_t> place

    cdef void release(self, uint32_t number) noexcept nogil:
        """One record less has the content of a number."""
        cdef uint64_t* taken = <uint64_t*> (self.row(number) + self.key_bytes)
        taken[0] -= 1
        if taken[0] == 0:
            self.remove(number)


cdef int reserve(RowTable table, uint64_t count) except -1:
    """Have room for so many rows in all."""
    if count * 10 > table.cell_count * 7:
        _widen_cells(table, count * 10 // 7 + 1)
    if count > table.room:
        _widen_rows(table, count)
    return 0


cdef int _widen_cells(RowTable table, uint64_t cell_count) except -1:
    cdef uint64_t before = table.cell_count, cell
    cdef uint32_t* cells
    cdef uint32_t* filled = table.cells
    if cell_count > _PLACES_MAX:
        raise OverflowError("a table of rows has at most 2^32 - 2 cells")
    cells = <uint32_t*> calloc(cell_count, sizeof(uint32_t))
    if cells == NULL:
        raise MemoryError
    table.cells = cells
    table.cell_count = cell_count
    for cell in range(before):
        if filled[cell]:
            table._enter(filled[cell] - 1)
    free(filled)
    return 0


cdef int _widen_rows(RowTable table, uint64_t room) except -1:
    cdef uint8_t* rows = <uint8_t*> realloc(table.rows, room * table.width)
    if rows == NULL:
        raise MemoryError
    table.rows = rows
    table.room = room
    return 0
