from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    DAY_NUMBERS = 8
    QUARTERS_REMEMBERED = 64
    DAYS_REMEMBERED = 64


cdef struct FlatPeriod:
    uint8_t is_known
    uint32_t drop_day
    int64_t window


cdef struct FlatTerms:
    uint8_t is_known
    uint64_t available_from_s
    uint64_t expires_at_s


cdef struct FlatDay:
    uint8_t is_known
    int64_t ordinal
    int64_t numbers[DAY_NUMBERS]  # NumberDimension from DATE on; that of MINUTE is left out
    FlatPeriod* windows
    FlatTerms* terms


cdef struct FlatQuarter:
    uint8_t is_known
    uint64_t number
    uint64_t epoch
    int64_t offset_s
    uint64_t* possible  # rules that may hold, as bits


cdef class Moments:
    """Local time, and what depends on the day alone; `day` to `hour` are those of the present request."""

    cdef object _schedule, _clock, _calendar
    cdef list _windows, _terms
    cdef dict _window_places, _term_places
    cdef int _words
    cdef FlatQuarter _quarters[QUARTERS_REMEMBERED]
    cdef FlatDay _days[DAYS_REMEMBERED]
    cdef FlatDay* day
    cdef FlatQuarter* quarter
    cdef int64_t minute
    cdef int64_t hour

    # Places are given out before the first request only.
    cdef int window_place(self, object window) except -1
    cdef int terms_place(self, object effect) except -1
    cdef int look_at(self, uint64_t at_s) except -1
    cdef FlatPeriod* window(self, int place) except NULL
    cdef FlatTerms* terms(self, int place) except NULL
    cdef int _work_out_quarter(self, FlatQuarter* quarter, uint64_t number) except -1
    cdef int _work_out_day(self, FlatDay* day, int64_t ordinal) except -1
