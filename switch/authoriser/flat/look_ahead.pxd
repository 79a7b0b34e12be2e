from libc.stdint cimport int64_t, uint8_t, uint64_t

from switch.authoriser.flat.club cimport FlatTable
from switch.ledger.flat.accounts cimport FlatAccounts
from switch.ledger.flat.card_table cimport CardTable
from switch.ledger.flat.lots cimport FlatLots
from switch.ledger.flat.member_table cimport MemberTable

cdef enum:
    AHEAD_MAX = 16
    PURSES_AHEAD = 4
    TOKEN_SIZE = 16


cdef struct Ahead:
    uint8_t token[TOKEN_SIZE]
    int64_t card
    int64_t member
    int64_t slots[PURSES_AHEAD]


cdef class FlatLookAhead:
    cdef CardTable cards
    cdef MemberTable members
    cdef FlatAccounts accounts
    cdef FlatLots lots
    cdef Ahead requests[AHEAD_MAX]

    cdef void fetch_all(self, int count, FlatTable table) noexcept nogil
