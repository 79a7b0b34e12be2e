from libc.stdint cimport int64_t, uint32_t, uint64_t

from switch.ledger.flat.accounts cimport FlatAccounts


cdef struct Due:
    uint64_t moment_s
    uint32_t* coming  # slots, as they were noted
    uint64_t coming_count
    uint64_t coming_room
    uint64_t* expired  # accounts, the greatest first
    uint64_t expired_count


cdef class ExpiryQueue:
    """Accounts by the second at which something of theirs expires; see the implementation."""

    # The greatest time up to which it was asked what has expired.
    cdef uint64_t asked_s
    cdef FlatAccounts _accounts
    cdef Due* _due  # by moment, from `_first` on
    cdef uint64_t _first
    cdef uint64_t _end
    cdef uint64_t _room
    cdef uint64_t _newest

    cdef int note(self, uint64_t moment_s, uint32_t slot) except -1
    cdef int look(self, uint64_t now_s) except -1
    cdef list moments(self, uint64_t now_s)
    cdef Due* of_moment(self, uint64_t moment_s) noexcept
    cdef void forget(self, uint64_t moment_s) noexcept
    cdef Due* _made(self, uint64_t moment_s) except NULL
    cdef uint64_t _place(self, uint64_t moment_s) noexcept
    cdef int _widen(self, Due* due) except -1
    cdef int _take_over(self, Due* due) except -1


cdef uint64_t count_greater(const Due* due, uint64_t account) noexcept nogil
