from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from switch.ledger.flat.card_table cimport CardTable
from switch.ledger.flat.member_table cimport MemberTable
from switch.ledger.flat.small_numbers cimport SmallNumbers
from switch.memory.hash_table cimport NumberTable

cdef enum:
    SET_WORDS = 4


# A card; texts are numbers among `TEXTS`.
cdef struct FlatCard:
    uint64_t reference
    uint64_t member_number
    uint32_t member_place  # 1 more than it is; 0 where no member holds the card
    uint32_t card_type
    uint32_t expires_on
    uint8_t status  # 'A', 'B' or 'N'
    uint8_t pin_check_bytes


# A member; texts are numbers among `TEXTS`, sets are least significant word first.
cdef struct FlatMember:
    uint64_t number
    uint64_t introducer
    uint64_t household
    uint64_t last_purchase_s  # 0: none
    uint64_t segments[SET_WORDS]
    uint64_t agreements[SET_WORDS]
    uint32_t introduced_until
    uint32_t enrolled_on
    uint32_t born_on
    uint32_t tier
    uint32_t group
    uint32_t organisation
    uint32_t risk_class
    uint32_t club_level
    uint32_t enrol_channel
    uint32_t text_fa
    uint32_t text_en
    uint8_t status  # 'A' or 'B'
    uint16_t name_bytes
    const uint8_t* name  # UTF-8; valid until the next change of any record


cdef class FlatRecords:
    """Cards and members; see `switch.ledger.directory.Directory`."""

    cdef CardTable _cards
    cdef MemberTable _members
    cdef NumberTable _households
    cdef SmallNumbers _household_purchases_s
    cdef readonly object cards
    cdef readonly object members
    cdef readonly object cards_of_member
    cdef readonly object last_purchase_s
    cdef readonly object last_household_purchase_s

    cdef bint find_card(self, const uint8_t* token, FlatCard* into) noexcept nogil
    cdef bint find_member(self, uint64_t number, FlatMember* into) noexcept nogil
    cdef bint find_holder(self, const FlatCard* card, FlatMember* into) noexcept nogil
    # Time of a member's last purchase, and a household's; kept where it is later than what is known.
    cdef int note_purchase(self, uint64_t number, uint64_t at_s) except -1
    cdef uint64_t household_purchase_s(self, uint64_t household) noexcept nogil
