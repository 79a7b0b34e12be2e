from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    NO_PLACE = -1


cdef class NumberTable:
    """Places by number: an open-addressing table from unsigned 64-bit numbers to 32-bit places."""

    cdef uint32_t* cells
    cdef uint8_t* tags
    cdef uint64_t mask
    cdef readonly uint64_t used
    cdef uint64_t* numbers
    cdef uint64_t room

    cdef int64_t find(self, uint64_t number) noexcept nogil
    cdef int64_t place(self, uint64_t number) except -1
    cdef void _enter(self, uint64_t index) noexcept nogil
    cdef int _grow(self) except -1
    cdef void fetch_cell(self, uint64_t number) noexcept nogil
    cdef int64_t guess(self, uint64_t number) noexcept nogil


# A part of a hash that the cell isn't chosen by, unless the table has more than 2^56 cells.
cdef inline uint8_t tag_of(uint64_t hashed) noexcept nogil:
    return <uint8_t> (hashed >> 56)


# Have memory brought nearer; nothing waits for it.
cdef extern from *:
    void fetch "__builtin_prefetch"(const void* address) nogil


cdef inline uint64_t mixed(uint64_t number) noexcept nogil:
    """Spreads a number over all 64 bits (the finaliser of SplitMix64, Steele and others 2014)."""
    number ^= number >> 30
    number *= <uint64_t> 0xBF58476D1CE4E5B9
    number ^= number >> 27
    number *= <uint64_t> 0x94D049BB133111EB
    return number ^ (number >> 31)
