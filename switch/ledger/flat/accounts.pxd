from libc.stdint cimport int64_t, uint64_t

from switch.memory.hash_table cimport NumberTable

# Whose account it is, as `switch.ledger.accounts.AccountKind` numbers them.
cdef enum:
    PROGRAMME = 1
    MEMBER = 2
    MERCHANT = 3
    GIFT_CARD = 6
    HOUSEHOLD = 7


cdef struct Posted:
    int64_t debits
    int64_t credits


cdef class FlatAccounts:
    """See `switch.ledger.accounts.Accounts`. A slot is an account's place for ever."""

    cdef NumberTable places
    cdef Posted* _posted
    cdef uint64_t _room
    cdef NumberTable _pending_places  # by slot
    cdef Posted* _pending
    cdef uint64_t _pending_room

    cdef int64_t find(self, uint64_t number) noexcept nogil
    cdef int64_t slot_of(self, uint64_t number) except -1
    cdef void read(self, int64_t slot, int64_t* counters) noexcept nogil
    cdef int post_one(self, uint64_t debit, uint64_t credit, int64_t amount, int stage) except -1
    # All account numbers, ascending, in memory that the caller frees.
    cdef uint64_t* sorted_numbers(self) except NULL
    cdef Posted* _pending_of(self, int64_t slot) except NULL


cdef inline uint64_t account_number(int kind, uint64_t owner, int purse) noexcept nogil:
    return <uint64_t> kind << 56 | owner << 8 | <uint64_t> purse


cdef inline int compare_numbers(const void* one, const void* other) noexcept nogil:
    """For qsort."""
    cdef uint64_t first = (<const uint64_t*> one)[0], second = (<const uint64_t*> other)[0]
    return (first > second) - (first < second)
