from libc.stdint cimport int64_t, uint32_t, uint64_t

from switch.rules.flat.counter_source cimport CounterSource


cdef packed struct Counter:
    uint64_t subject
    int64_t window
    int64_t value
    uint32_t name


cdef struct CounterDay:
    # Counters of one drop day, in the order in which they came up, and the table of their places.
    uint32_t drop_day
    uint32_t used
    uint32_t room
    uint32_t live  # those that aren't zero
    uint32_t mask
    uint32_t* cells
    Counter* counters


cdef class FlatCounters(CounterSource):
    """See `switch.ledger.counters.CounterStore`. `name` is the counter's number among `TEXTS`."""

    cdef readonly int64_t day
    cdef CounterDay* _days  # ascending
    cdef uint32_t _count
    cdef uint32_t _room

    cdef int64_t read(self, uint32_t name, uint64_t subject, int64_t window, uint32_t drop_day) noexcept nogil
    cdef int add(
        self, uint32_t name, uint64_t subject, int64_t window, uint32_t drop_day, int64_t delta
    ) except -1
    cdef uint32_t _place(self, uint32_t drop_day) noexcept nogil
    cdef CounterDay* _day(self, uint32_t drop_day) except NULL
    cdef tuple _sorted(self, uint32_t drop_day)
