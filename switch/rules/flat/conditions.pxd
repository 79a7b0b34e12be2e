from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from switch.rules.flat.counting cimport Counting
from switch.rules.flat.pool cimport Pool
from switch.rules.flat.run cimport FlatRun

cdef enum:
    HOLDS = -1
    FAILS = -2


# One test, and where to go on: at another node, at HOLDS or at FAILS.
cdef struct FlatNode:
    uint8_t kind
    uint8_t dimension
    int32_t yes
    int32_t no
    int32_t first  # values, mask, window or name
    int32_t count
    int64_t low
    int64_t high


# A test that selects basket lines.
cdef struct FlatItems:
    int32_t dimension
    int32_t first
    int32_t count


# A time window.
cdef struct FlatHours:
    int32_t days
    int32_t from_minute
    int32_t until_minute


cdef class Conditions:
    """All tests of a table as one array of nodes."""

    cdef Counting counting
    cdef tuple _declared
    cdef Pool _nodes
    cdef Pool _values
    cdef Pool _masks
    cdef Pool _hours
    cdef Pool _rests

    cdef int32_t entry_of_rule(self, object rule, bint is_planned) except? -3
    cdef int32_t entry_of(self, object condition) except? -3
    cdef int items_of(self, object test, FlatItems* items) except -1
    cdef bint holds(self, int32_t entry, FlatRun* run) except -1
    cdef uint64_t lines_of(self, FlatItems* items, FlatRun* run) noexcept
    cdef bint _test(self, FlatNode* node, FlatRun* run) except -1
    cdef bint _number(self, FlatNode* node, FlatRun* run) except -1
    cdef bint _in_hours(self, FlatNode* node) noexcept
    cdef bint _rests_today(self, FlatNode* node) noexcept
    cdef bint _is_among(self, uint32_t number, int first, int count) noexcept
    cdef int32_t _written(self, list parts) except? -3
    cdef int32_t _emit(self, list nodes, object part, int32_t yes, int32_t no) except? -3
    cdef list _leaf(self, object test)
    cdef list _number_leaf(self, object test)
    cdef tuple _add_values(self, object values)
    cdef int _add_mask(self, object mask) except -1
