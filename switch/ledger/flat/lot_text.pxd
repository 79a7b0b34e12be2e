from libc.stdint cimport int64_t, uint64_t

from switch.ledger.flat.lot_keys cimport LotTimes

cdef enum:
    TEXT_ROOM = 65_536


cdef class LotText:
    """Buckets as text, as the digest of lots has it; see the implementation."""

    cdef object _hash
    cdef char _text[TEXT_ROOM]
    cdef int _length

    cdef int bucket(self, uint64_t account, LotTimes* times, int64_t amount, bint is_first) except -1
    cdef int end(self) except -1
    cdef bytes digest(self)
    cdef void _word(self, const char* word, int length) noexcept
    cdef void _decimal(self, uint64_t number, int digits) noexcept
    cdef void _key(self, LotTimes* times) noexcept
