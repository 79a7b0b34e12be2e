# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Local days without Python objects."""

from libc.stdint cimport int64_t, uint64_t

from switch.rules.local_time import DAY_S, QUARTER_HOUR_S, LocalClock

cdef int64_t _DAY_S = DAY_S
cdef int64_t _QUARTER_HOUR_S = QUARTER_HOUR_S


cdef class FlatClock:
    """Asks the plain clock once for each quarter of an hour, and remembers the last ones."""

    def __init__(self, str time_zone):
        cdef int place
        self._clock = LocalClock(time_zone)
        for place in range(OFFSETS_KEPT):
            self._quarters[place] = -1

    cdef int64_t day_at(self, uint64_t at_s) except? -1:
        """The local day of a UTC second, as days since 1970-01-01."""
        cdef int64_t quarter = <int64_t> at_s // _QUARTER_HOUR_S
        cdef int place = <int> (quarter % OFFSETS_KEPT)
        if self._quarters[place] != quarter:
            self._offsets_s[place] = self._clock.offset_s(at_s)
            self._quarters[place] = quarter
        return (<int64_t> at_s + self._offsets_s[place]) // _DAY_S
