from libc.stdint cimport int64_t, uint32_t, uint64_t, uint8_t

from switch.ledger.flat.arena cimport BLOCK_MAX_BYTES, Arena
from switch.ledger.flat.records cimport FlatMember
from switch.ledger.flat.row_table cimport SharedRows
from switch.ledger.flat.small_numbers cimport SmallNumbers
from switch.memory.hash_table cimport NumberTable

cdef enum:
    HEAD_MAX_BYTES = 60  # before a name: seven numbers of at most ten bytes, five of which have 32 or 33 bits
    NAME_MAX_BYTES = BLOCK_MAX_BYTES - HEAD_MAX_BYTES

cdef object member_record(const FlatMember* member)


cdef class MemberTable:
    """Members by number; see the implementation."""

    cdef NumberTable numbers
    cdef uint32_t* offsets
    cdef uint64_t offset_room
    cdef uint64_t offset_count
    cdef Arena blocks
    cdef SharedRows profiles
    cdef SharedRows sets
    cdef SmallNumbers card_counts
    cdef SmallNumbers last_purchases_s
    cdef readonly uint64_t count
    cdef uint64_t changes  # how often a member came or went
    cdef public uint64_t number_max

    cdef bint find(self, uint64_t number, FlatMember* into) noexcept nogil
    cdef bint holds(self, uint64_t place) noexcept nogil
    cdef void read(self, uint64_t place, FlatMember* into) noexcept nogil
    cdef void fetch_places(self, uint64_t place) noexcept nogil
    cdef void fetch_block(self, uint64_t place) noexcept nogil
    cdef void fetch_shared(self, uint64_t place) noexcept nogil
    cdef uint64_t household_at(self, uint64_t place) noexcept nogil
    cdef object record(self, uint64_t place)
    cdef int put(self, object record) except -1
    cdef bint remove(self, uint64_t number) except -1
    cdef void _release_shared(self, uint64_t place) noexcept nogil
    cdef int _store(
        self,
        uint64_t place,
        const uint8_t* head,
        uint32_t head_bytes,
        const uint8_t* name,
        uint32_t name_bytes,
    ) except -1
    cdef int _make_room(self, uint64_t place) except -1
    cdef int put_member(self, const FlatMember* member) except -1
