from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from switch.rules.flat.counter_source cimport CounterSource
from switch.rules.flat.decision cimport FlatOutcome
from switch.rules.flat.moments cimport Moments
from switch.rules.flat.run cimport FlatRun

cdef enum:
    NO_SLOT = -1
    WAYS = 4  # restored or not, occasions or amounts


# One counter name; whose and over what time.
cdef struct FlatSlot:
    uint32_t name
    uint8_t per
    uint8_t kind
    int64_t days
    int window_place


# What this decision knows of a slot's counter; `read_in` and `used_in` are the decisions that set it.
cdef struct FlatCount:
    uint64_t read_in
    uint64_t used_in
    int64_t value
    int64_t used


cdef struct FlatTally:
    uint64_t moved_in
    int64_t delta


cdef class Counting:
    """Counters of one table and what the present decision counts on them."""

    cdef Moments moments
    cdef dict _places
    cdef FlatSlot* _slots
    cdef FlatCount* _counts
    cdef FlatTally* _tallies
    cdef int32_t* _moved
    cdef int _moved_count
    cdef uint64_t _decision
    cdef CounterSource _source
    cdef FlatRun* run

    cdef int slot_of(self, str counter, object per, object window)
    cdef void begin(self, FlatRun* run, CounterSource source) noexcept
    cdef int64_t counted(self, int slot) except? -1
    cdef int64_t used(self, int slot) noexcept
    cdef void count(self, int slot, int64_t delta, bint restore, bint is_use) noexcept
    cdef int write_moves(self, FlatOutcome* outcome) except -1
    cdef uint64_t _subject(self, int per) noexcept
