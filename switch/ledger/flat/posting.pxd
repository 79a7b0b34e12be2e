from libc.stdint cimport int64_t, uint64_t

from switch.journal.flat.entry cimport FlatLotMove, FlatTransfer
from switch.ledger.flat.accounts cimport FlatAccounts
from switch.ledger.flat.lots cimport FlatBucket, FlatLots

cdef enum:
    TRANSFERS_MAX = 255
    MOVES_MAX = 512
    HELD_MAX = 32  # accounts with lots that one decision touches
    BUCKETS_MAX = 64  # buckets of one of them


cdef struct HeldAccount:
    uint64_t number
    int64_t posted
    int count
    FlatBucket buckets[BUCKETS_MAX]


cdef class FlatPosting:
    """See `switch.ledger.posting.Posting`. Methods give False for what the plain posting must judge."""

    cdef FlatAccounts accounts
    cdef FlatLots lots
    cdef uint64_t now_s
    cdef int transfer_count
    cdef int move_count
    cdef int held_count
    cdef FlatTransfer transfers[TRANSFERS_MAX]
    cdef FlatLotMove moves[MOVES_MAX]
    cdef HeldAccount held[HELD_MAX]
    cdef int64_t overdraft_max[256]

    cdef void begin(self, uint64_t now_s) noexcept nogil
    cdef bint earn(
        self, uint64_t debit, uint64_t credit, int64_t amount, int grant, uint64_t available_from_s,
        uint64_t expires_at_s
    ) noexcept nogil
    cdef bint spend(self, uint64_t debit, uint64_t credit, int64_t amount, int reason, int grant) noexcept nogil
    cdef bint plain(self, uint64_t debit, uint64_t credit, int64_t amount, int grant) noexcept nogil
    cdef HeldAccount* _held(self, uint64_t number) noexcept nogil
    cdef int _transfer(
        self, uint64_t debit, uint64_t credit, int64_t amount, int reason, int grant
    ) noexcept nogil
    cdef bint _has_room(self, uint64_t number) noexcept nogil
    cdef bint _move(
        self, int index, HeldAccount* held, uint64_t available_from_s, uint64_t expires_at_s, int64_t delta
    ) noexcept nogil
