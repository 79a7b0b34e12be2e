from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t

cdef enum:
    BLOCK_MAX_BYTES = 0x7FFF - 2
    BLOCK_MIN_BYTES = 4
    _LISTED_LENGTHS = 512


cdef class Arena:
    """Blocks of bytes by their offsets, which one column of the owner holds; see the implementation."""

    cdef uint8_t* bytes
    cdef uint64_t room
    cdef uint64_t used
    cdef uint64_t waste
    cdef uint32_t[_LISTED_LENGTHS] free_blocks

    cdef int64_t take(self, uint32_t length, uint32_t* offsets, uint64_t offset_count) except -1
    cdef void give_back(self, uint32_t offset) noexcept nogil
    cdef uint32_t length(self, uint32_t offset) noexcept nogil
    cdef uint8_t* block(self, uint32_t offset) noexcept nogil
    cdef void _compact(self, uint32_t* offsets, uint64_t offset_count) noexcept nogil
