# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Times of a table: local time, the quarter-hour's rules, windows of counters, terms of earnings.

All of it is worked out by the readable functions, once for each quarter of an hour or day, and remembered.
"""

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from typing import NamedTuple

from switch.rules.counting import key_of
from switch.rules.facts import Subject
from switch.rules.local_time import DAY_S, QUARTER_HOUR_S, LocalTime, local_day
from switch.rules.caps import CapPer, CapWindow
from switch.rules.terms import terms_of

cdef int64_t _QUARTER_S = QUARTER_HOUR_S
cdef int64_t _DAY_S = DAY_S

_NOBODY = Subject(0, 0, 0, 0, 0, 0, 0)


class _Counted(NamedTuple):
    """Anybody's counter over a window."""

    counter: str
    per: CapPer
    window: CapWindow


cdef inline int64_t _floored(int64_t value, int64_t by) noexcept nogil:
    return value // by - (value % by < 0)


cdef class Moments:
    """Made from a `Schedule`, its clock and the programme's calendar; `words` is how long its sets are."""

    def __cinit__(self, schedule, clock, calendar, int words):
        self._schedule = schedule
        self._clock = clock
        self._calendar = calendar
        self._words = words
        self._windows = []
        self._terms = []
        self._window_places = {}
        self._term_places = {}
        memset(self._quarters, 0, sizeof(self._quarters))
        memset(self._days, 0, sizeof(self._days))

    def __dealloc__(self):
        cdef int place
        for place in range(QUARTERS_REMEMBERED):
            free(self._quarters[place].possible)
        for place in range(DAYS_REMEMBERED):
            free(self._days[place].windows)
            free(self._days[place].terms)

    cdef int window_place(self, object window) except -1:
        """Place of a `CapWindow`; equal windows have one."""
        place = self._window_places.setdefault(window, len(self._windows))
        if place == len(self._windows):
            self._windows.append(window)
        return place

    cdef int terms_place(self, object effect) except -1:
        """Place of the terms of an `Effect`; effects of equal terms have one."""
        key = (effect.pending, effect.pending_days, effect.expiry)
        place = self._term_places.setdefault(key, len(self._terms))
        if place == len(self._terms):
            self._terms.append(effect)
        return place

    cdef int look_at(self, uint64_t at_s) except -1:
        """Makes a moment, UTC seconds, the present one."""
        cdef uint64_t number = at_s // <uint64_t> _QUARTER_S
        cdef FlatQuarter* quarter = &self._quarters[number % QUARTERS_REMEMBERED]
        cdef int64_t local_s, ordinal
        cdef FlatDay* day
        if not quarter.is_known or quarter.number != number:
            self._work_out_quarter(quarter, number)
        local_s = <int64_t> at_s + quarter.offset_s
        ordinal = _floored(local_s, _DAY_S)
        day = &self._days[<uint64_t> ordinal % DAYS_REMEMBERED]
        if not day.is_known or day.ordinal != ordinal:
            self._work_out_day(day, ordinal)
        self.quarter = quarter
        self.day = day
        self.minute = (local_s - ordinal * _DAY_S) // 60
        self.hour = _floored(local_s, 3600)
        return 0

    cdef int _work_out_quarter(self, FlatQuarter* quarter, uint64_t number) except -1:
        cdef size_t size = self._words * sizeof(uint64_t)
        cdef bytes bits
        start_s = number * _QUARTER_S
        quarter.is_known = 0
        if quarter.possible == NULL:
            quarter.possible = <uint64_t*> calloc(self._words, sizeof(uint64_t))
            if quarter.possible == NULL:
                raise MemoryError
        found = self._schedule.quarter(start_s)
        bits = found.possible.to_bytes(size, "little")
        memcpy(quarter.possible, <const char*> bits, size)
        quarter.epoch = found.epoch
        quarter.offset_s = self._clock.offset_s(start_s)
        quarter.number = number
        quarter.is_known = 1
        return 0

    cdef int _work_out_day(self, FlatDay* day, int64_t ordinal) except -1:
        cdef int place
        day.is_known = 0
        if day.windows == NULL:
            day.windows = <FlatPeriod*> calloc(len(self._windows) + 1, sizeof(FlatPeriod))
            if day.windows == NULL:
                raise MemoryError
        if day.terms == NULL:
            day.terms = <FlatTerms*> calloc(len(self._terms) + 1, sizeof(FlatTerms))
            if day.terms == NULL:
                raise MemoryError
        found = local_day(ordinal)
        numbers = (
            found.date,
            found.weekday,
            0,
            found.month,
            found.day,
            found.jalali_date,
            found.jalali_month,
            found.jalali_day,
        )
        for place in range(DAY_NUMBERS):
            day.numbers[place] = numbers[place]
        memset(day.windows, 0, len(self._windows) * sizeof(FlatPeriod))
        memset(day.terms, 0, len(self._terms) * sizeof(FlatTerms))
        day.ordinal = ordinal
        day.is_known = 1
        return 0

    cdef FlatPeriod* window(self, int place) except NULL:
        """Window and drop day of what is counted today, but for windows of an hour."""
        cdef FlatPeriod* found = &self.day.windows[place]
        if not found.is_known:
            moment = LocalTime(0, 0, 0, local_day(self.day.ordinal))
            counted = _Counted("", CapPer.GLOBAL, self._windows[place])
            key = key_of(counted, _NOBODY, moment, self._calendar)
            found.window = key.window
            found.drop_day = key.drop_day
            found.is_known = 1
        return found

    cdef FlatTerms* terms(self, int place) except NULL:
        """From when and until when what is earned today can be spent."""
        cdef FlatTerms* found = &self.day.terms[place]
        if not found.is_known:
            terms = terms_of(self._terms[place], self.day.ordinal, self._clock, self._calendar)
            found.available_from_s, found.expires_at_s = terms
            found.is_known = 1
        return found
