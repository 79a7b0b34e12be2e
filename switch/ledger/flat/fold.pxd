from libc.stdint cimport int64_t, uint8_t, uint16_t, uint64_t

from switch.ledger.flat.accounts cimport FlatAccounts
from switch.ledger.flat.counters cimport FlatCounters
from switch.ledger.flat.lots cimport FlatLots
from switch.ledger.flat.records cimport FlatRecords
from switch.ledger.flat.requests cimport FlatWindow


# A terminal's part of the fold.
cdef class Teller:
    cdef object terminal_id
    cdef FlatWindow window
    cdef object book
    cdef int64_t[::1] figures


# Where the parts of a transaction's body stand.
cdef struct Parts:
    int merchant
    int transfers
    int transfer_count
    int lot_moves
    int lot_move_count
    int counter_moves
    int counter_move_count
    int end


cdef class FlatFold:
    cdef object _state
    cdef object _windows
    cdef object _business
    cdef FlatAccounts accounts
    cdef FlatLots lots
    cdef FlatCounters counters
    cdef FlatRecords records
    cdef dict _tellers
    cdef list _recent_bodies
    cdef uint64_t[::1] _recent_positions
    cdef uint16_t[::1] _recent_forms

    cdef int take_next(self, uint64_t position, bytes body, Teller teller) except -1
    cdef int _fold(self, const uint8_t* body, Py_ssize_t size, uint64_t position, Teller teller) except -1
    cdef Teller teller_of(self, const uint8_t* padded_id)
    cdef bint _count(self, Teller teller, const uint8_t* body) except -1
