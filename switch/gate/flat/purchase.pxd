from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from switch.authoriser.flat.sale cimport FlatRequest
from switch.rules.flat.decision cimport FlatFacts


# Where the fields of a purchase (0200) of the dialect stand in its payload.
cdef struct FlatFields:
    int processing_code  # 3, then 4, 7, 11, 12, 13 without a gap: 22 bytes
    int terminal  # 41 and 42: 23 bytes
    int currency  # 49: 2 bytes
    int tags  # content of 48
    int tags_bytes
    uint8_t card_number[19]  # ASCII digits
    int card_digits


cdef enum:
    ECHOED_BYTES = 22
    TERMINAL_BYTES = 8
    MERCHANT_BYTES = 15
    MAC_BYTES = 8


cdef bint read_fields(const uint8_t* payload, int size, FlatFields* fields, FlatRequest* request) noexcept nogil
cdef bint read_tags(
    const uint8_t* content, int size, const uint8_t* merchant, FlatRequest* request, FlatFacts* facts
) except -1
cdef uint32_t entry_mode_text(uint32_t number) except? 0xFFFFFFFE
cdef int64_t transmitted_at(const uint8_t* packed, uint64_t now_s) noexcept nogil
