# cython: language_level=3
"""The seam between the evaluator and the ledger's counters."""

from libc.stdint cimport int64_t, uint32_t, uint64_t


cdef class CounterSource:
    """Counters of nobody: all 0. `switch.ledger.flat.counters.FlatCounters` are those of the ledger."""

    cdef int64_t read(
        self, uint32_t name, uint64_t subject, int64_t window, uint32_t drop_day
    ) noexcept nogil:
        return 0
