from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from switch.memory.buffer cimport Buffer

# As `switch.journal.transfers` numbers them.
cdef enum:
    REASON_EARN = 1
    REASON_SPEND = 2
    REASON_COST = 12
    STAGE_POSTED = 1
    NO_TRANSFER = 255


# See `switch.journal.transfers.Transfer`; always posted at once, never undoing.
cdef struct FlatTransfer:
    uint8_t purse
    uint64_t debit
    uint64_t credit
    int64_t amount
    uint8_t reason
    uint8_t grant


# See `switch.journal.transfers.LotMove`.
cdef struct FlatLotMove:
    uint8_t transfer
    uint64_t account
    uint64_t available_from_s
    uint64_t expires_at_s
    int64_t delta


# The fixed part of a purchase's entry; see `switch.journal.transaction.TransactionEntry`.
cdef struct FlatHead:
    uint64_t at_ms
    const uint8_t* terminal_id  # 8 bytes, filled with zeros
    uint32_t stan
    uint64_t transmitted_s
    const uint8_t* digest  # 16 bytes
    uint32_t processing_code
    uint64_t amount
    uint32_t branch_number
    uint64_t card_reference
    uint64_t member_number
    uint32_t approval
    uint32_t rule_table_version
    uint64_t looked_at_s
    uint64_t net_amount
    uint64_t discount
    uint64_t tendered
    bint activity


cdef void pack_head(Buffer* into, FlatHead* head) noexcept nogil
cdef void pack_transfers(Buffer* into, FlatTransfer* transfers, int count) noexcept nogil
cdef void pack_lot_moves(Buffer* into, FlatLotMove* moves, int count) noexcept nogil
cdef void pack_tag(Buffer* into, int tag, const uint8_t* content, int size) noexcept nogil
