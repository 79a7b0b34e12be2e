from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from switch.authoriser.flat.club cimport FlatHolder, FlatTable, FlatTerminal
from switch.ledger.flat.accounts cimport FlatAccounts
from switch.ledger.flat.counters cimport FlatCounters
from switch.ledger.flat.lots cimport FlatLots
from switch.ledger.flat.posting cimport FlatPosting
from switch.ledger.flat.records cimport FlatRecords
from switch.memory.buffer cimport Buffer
from switch.rules.flat.evaluator cimport FlatFacts, FlatOutcome

cdef enum:
    BALANCES_MAX = 6
    TAGS_BYTES_MAX = 2048
    PURSES_SHOWN = 100


# What a purchase (0200) asks, as the gate read it.
cdef struct FlatRequest:
    uint32_t stan
    uint64_t transmitted_s
    uint8_t digest[16]
    uint8_t card_token[16]
    uint32_t processing_code
    int64_t amount
    int64_t tender_amount  # -1: not said
    int64_t tender_units  # -1: not said
    uint32_t entry_mode  # texts are numbers among TEXTS
    uint32_t channel
    uint32_t code
    uint32_t operator
    uint64_t operator_subject
    const uint8_t* basket  # its text; lines and other figures are already among the facts
    int basket_bytes


cdef struct FlatBalance:
    int purse
    int place  # among the table's purses
    int64_t amount


# Decides one purchase after the other; holds what the last one came to until the next.
cdef class FlatSale:
    cdef FlatCounters counters
    cdef FlatPosting posting
    cdef FlatHolder holder
    cdef FlatTable table
    cdef FlatTerminal terminal
    cdef FlatRequest request
    cdef FlatFacts facts
    cdef FlatOutcome outcome
    cdef uint64_t now_ms
    cdef uint64_t now_s
    cdef int balance_count
    cdef FlatBalance balances[PURSES_SHOWN]
    cdef Buffer tags  # number of tags, then each as an entry has it
    cdef uint8_t tags_room[TAGS_BYTES_MAX]

    cdef bint decide(self, FlatTable table, FlatTerminal terminal, uint64_t now_ms) except -1
    cdef void write_entry(self, Buffer* into, uint64_t position) except *
    cdef void _set_facts(self, int64_t today) noexcept
    cdef bint _post(self) noexcept
    cdef void _set_balances(self) noexcept
    cdef void _add_balance(self, int code, int place, int64_t amount) noexcept nogil
    cdef void _put_digits(self, int tag, int64_t number, int digits) noexcept nogil
    cdef bytes _items(self)
    cdef int _set_tags(self) except -1
    cdef int _put_texts(self) except -1
    cdef void _put_grants(self, Buffer* into) noexcept
