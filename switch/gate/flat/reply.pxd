from libc.stdint cimport uint8_t, uint64_t

from protocol.security._cmac cimport AesCmac
from switch.authoriser.flat.sale cimport FlatSale
from switch.gate.flat.purchase cimport FlatFields
from switch.memory.buffer cimport Buffer

cdef bint write_reply(
    Buffer* into, const uint8_t* request, FlatFields* fields, FlatSale sale, uint64_t position, int month_day,
    AesCmac mac
) noexcept
