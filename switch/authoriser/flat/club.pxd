from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from switch.authoriser.flat.calendar cimport FlatClock
from switch.ledger.flat.accounts cimport FlatAccounts
from switch.ledger.flat.lots cimport FlatLots
from switch.ledger.flat.records cimport FlatCard, FlatMember, FlatRecords
from switch.rules.flat.evaluator cimport FlatEvaluator

cdef enum:
    PURSES_KEPT = 100
    TIERS_KEPT = 64
    UPLINES_KEPT = 10


cdef struct FlatPurse:
    int code
    bint is_pooled
    bint is_count
    int64_t overdraft_max
    uint8_t currency[3]


# A terminal's part of every purchase, worked out once.
cdef class FlatTerminal:
    cdef readonly object record
    cdef uint8_t padded_id[8]  # with zeros, as entries have it
    cdef uint8_t wire_merchant[15]
    cdef bytes packed_merchant
    cdef uint32_t branch_number
    cdef uint64_t merchant_ordinal
    cdef uint64_t branch_subject
    cdef uint64_t terminal_subject
    cdef uint32_t texts[6]  # merchant, branch, terminal, guild, sector, city


# A rule table's part of every purchase, worked out once.
cdef class FlatTable:
    cdef readonly object table
    cdef readonly int version
    cdef FlatEvaluator evaluator
    cdef FlatClock clock
    cdef int64_t today  # as days since 1970-01-01, and as YYYYMMDD
    cdef uint64_t today_date
    cdef int purse_count
    cdef FlatPurse purses[PURSES_KEPT]
    cdef signed char purse_places[256]  # by code; -1 where there is none
    cdef int tier_purse
    cdef int tier_count
    cdef int64_t tier_from[TIERS_KEPT]
    cdef uint32_t tier_names[TIERS_KEPT]


# Who holds the card of a purchase.
cdef class FlatHolder:
    cdef FlatRecords records
    cdef FlatAccounts accounts
    cdef FlatLots lots
    cdef FlatCard card
    cdef FlatMember member
    cdef uint32_t tier
    cdef int64_t balances[PURSES_KEPT]  # by a purse's place; what can be spent now
    cdef int upline_count
    cdef uint64_t uplines[UPLINES_KEPT]

    cdef bint find(self, const uint8_t* token, FlatTable table, uint64_t today, uint64_t now_s) noexcept nogil
    cdef uint64_t account(self, FlatTable table, int code) noexcept nogil
    cdef uint64_t account_of(self, FlatTable table, uint64_t number, int code) noexcept nogil
    cdef void _find_tier(self, FlatTable table) noexcept nogil
    cdef void _find_uplines(self, uint64_t today) noexcept nogil
