from libc.stdint cimport int64_t, uint32_t, uint64_t

from switch.ledger.flat.accounts cimport FlatAccounts
from switch.ledger.flat.expiry cimport ExpiryQueue
from switch.ledger.flat.lot_keys cimport LotKeys


cdef struct FlatBucket:
    uint64_t expires_at_s
    uint64_t available_from_s
    int64_t amount


cdef packed struct LotCell:
    uint32_t key  # number among the keys, or MANY
    int64_t amount  # of MANY: where they are


cdef struct LotBlock:
    # Buckets of one account, sorted. Amounts and then keys follow, `room` of each.
    uint32_t count
    uint32_t room


cdef struct LotView:
    # Where a slot's keys and amounts are: in its block, or a single one's in the view itself.
    uint32_t* keys
    int64_t* amounts
    uint32_t key
    int64_t amount


cdef class FlatLots:
    """See `switch.ledger.lots.Lots`. A slot's buckets are sorted by expiry, then availability; debt first."""

    cdef FlatAccounts accounts
    cdef LotKeys _keys
    cdef ExpiryQueue _queue
    cdef LotCell* _cells  # by slot
    cdef uint64_t _used
    cdef uint64_t _room

    # Copies at most `room` buckets; returns how many there are.
    cdef int read(self, int64_t slot, FlatBucket* into, int room) noexcept nogil
    cdef void fetch_cell(self, int64_t slot) noexcept nogil
    cdef int64_t available_at(self, int64_t slot, uint64_t now_s) noexcept nogil
    cdef int add(
        self, uint64_t account, uint64_t available_from_s, uint64_t expires_at_s, int64_t delta
    ) except -1
    cdef int _see(self, int64_t slot, LotView* view) noexcept nogil
    cdef int64_t _waiting_at(self, int64_t slot, uint64_t now_s) noexcept nogil
    cdef tuple _pairs_of(self, int64_t slot)
    cdef list _of_expiry(self, uint64_t account, uint64_t expires_at_s)
    cdef int _reach(self, uint64_t slot) except -1
    cdef int _note(self, uint64_t expires_at_s, int64_t slot) except -1
    cdef int _add_among(
        self, int64_t slot, LotCell* cell, uint32_t key, uint64_t expires_at_s, int64_t delta
    ) except -1
