from libc.stdint cimport int64_t, uint32_t, uint64_t


cdef class CounterSource:
    """Where the evaluator reads counters: 0 for one never counted. `name` is a number among `TEXTS`."""

    cdef int64_t read(self, uint32_t name, uint64_t subject, int64_t window, uint32_t drop_day) noexcept nogil
