from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t


cdef class RowTable:
    """Rows of one width that begin with their keys; see the implementation."""

    cdef uint8_t* rows
    cdef uint32_t* cells
    cdef uint64_t cell_count
    cdef uint64_t room
    cdef uint64_t used  # rows that are or were in use: places are below it
    cdef readonly uint64_t count
    cdef uint64_t changes  # how often a row came or went
    cdef uint32_t width
    cdef uint32_t key_bytes
    cdef uint32_t first_free  # 1 more than its place

    cdef int64_t find(self, const void* key) noexcept nogil
    cdef void fetch_cell(self, const void* key) noexcept nogil
    cdef int64_t guess(self, const void* key) noexcept nogil
    cdef void fetch_cell(self, const void* key) noexcept nogil
    cdef int64_t guess(self, const void* key) noexcept nogil
    cdef int64_t place(self, const void* key) except -1
    cdef void remove(self, uint64_t place) noexcept nogil
    cdef uint8_t* row(self, uint64_t place) noexcept nogil
    cdef uint64_t _home(self, const void* key) noexcept nogil
    cdef void _enter(self, uint64_t place) noexcept nogil
    cdef int _grow_cells(self) except -1
    cdef int _grow_rows(self) except -1


cdef class SharedRows(RowTable):
    """Contents that many records share, by number; see the implementation."""

    cdef int64_t take(self, const void* content) except -1
    cdef void release(self, uint32_t number) noexcept nogil


# Room for so many rows in all, so that they needn't be entered again and again while they come.
cdef int reserve(RowTable table, uint64_t count) except -1
