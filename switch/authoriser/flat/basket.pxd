from libc.stdint cimport uint8_t

from switch.memory.buffer cimport Buffer
from switch.rules.flat.decision cimport FlatFacts

cdef bint read_basket(const uint8_t* text, int size, FlatFacts* facts) except -1
cdef bint read_metrics(const uint8_t* text, int size, FlatFacts* facts) except -1
cdef void put_basket(Buffer* into, const uint8_t* text, int size, int line_count) noexcept nogil
cdef bint is_printable(const uint8_t* text, int size) noexcept nogil
