# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Bytes of an approved purchase's entry (0200), part by part, in the order of `switch.journal.transaction`."""

from libc.stdint cimport uint8_t, uint64_t

from switch.memory.buffer cimport Buffer, put_bytes, put_decimal, put_number, put_number_8

from switch.journal.entries import ENTRY_VERSION

cdef enum:
    _MTI = 200
    _CURRENCY = 364

# Bytes written here are those of this version; another one needs another writer.
WRITES_VERSION = 2
assert ENTRY_VERSION == WRITES_VERSION


cdef void pack_head(Buffer* into, FlatHead* head) noexcept nogil:
    """Everything in front of the merchant."""
    put_number_8(into, head.at_ms)
    put_number(into, _MTI, 2)
    put_bytes(into, head.terminal_id, 8)
    put_number(into, head.stan, 4)
    put_number_8(into, head.transmitted_s)
    put_bytes(into, head.digest, 16)
    put_number(into, head.processing_code, 4)
    put_number_8(into, head.amount)
    put_number(into, _CURRENCY, 2)
    put_number(into, head.branch_number, 4)
    put_number_8(into, head.card_reference)
    put_number_8(into, head.member_number)
    put_decimal(into, 0, 2)  # response code: approved
    put_decimal(into, head.approval, 6)
    put_number(into, head.rule_table_version, 4)
    put_number_8(into, 0)  # reverses
    put_number_8(into, 0)  # original_s
    put_number(into, 0, 4)  # original_stan
    put_number_8(into, head.looked_at_s)
    put_number_8(into, 0)  # concerns
    put_number_8(into, head.net_amount)
    put_number_8(into, head.discount)
    put_number_8(into, head.tendered)
    put_number_8(into, 0)  # hold_until_s
    put_number(into, head.activity, 1)


cdef void pack_transfers(Buffer* into, FlatTransfer* transfers, int count) noexcept nogil:
    """At most 255 transfers."""
    cdef int index
    put_number(into, count, 1)
    for index in range(count):
        put_number(into, transfers[index].purse, 1)
        put_number_8(into, transfers[index].debit)
        put_number_8(into, transfers[index].credit)
        put_number_8(into, transfers[index].amount)
        put_number(into, transfers[index].reason, 1)
        put_number(into, transfers[index].grant, 1)
        put_number(into, STAGE_POSTED, 1)
        put_number_8(into, 0)  # undoes
        put_number_8(into, 0)  # origin


cdef void pack_lot_moves(Buffer* into, FlatLotMove* moves, int count) noexcept nogil:
    """Any number of lot moves up to 65,535."""
    cdef int index
    put_number(into, count, 2)
    for index in range(count):
        put_number(into, moves[index].transfer, 1)
        put_number_8(into, moves[index].account)
        put_number_8(into, moves[index].available_from_s)
        put_number_8(into, moves[index].expires_at_s)
        put_number_8(into, <uint64_t> moves[index].delta)


cdef void pack_tag(Buffer* into, int tag, const uint8_t* content, int size) noexcept nogil:
    """A tag of text; their number stands in front of the first."""
    put_number(into, tag, 2)
    put_number(into, 0, 1)
    put_number(into, size, 2)
    put_bytes(into, content, size)
