# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Flat memory that grows while a table is made ready."""

from libc.stdlib cimport free, realloc
from libc.string cimport memset

cdef enum:
    _FIRST_ROOM = 16


cdef class Pool:
    """An item's place never changes, its address does whenever another is added."""

    def __cinit__(self, size_t item_bytes):
        self.item_bytes = item_bytes
        self.items = <char*> realloc(NULL, _FIRST_ROOM * item_bytes)
        if self.items == NULL:
            raise MemoryError
        self.room = _FIRST_ROOM
        self.count = 0

    def __dealloc__(self):
        free(self.items)

    cdef void* add(self) except NULL:
        cdef char* moved
        cdef char* item
        if self.count == self.room:
            moved = <char*> realloc(self.items, 2 * self.room * self.item_bytes)
            if moved == NULL:
                raise MemoryError
            self.items = moved
            self.room *= 2
        item = self.items + self.count * self.item_bytes
        memset(item, 0, self.item_bytes)
        self.count += 1
        return item

    cdef void clear(self) noexcept:
        self.count = 0
