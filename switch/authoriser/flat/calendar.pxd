from libc.stdint cimport int64_t, uint32_t, uint64_t

cdef enum:
    OFFSETS_KEPT = 1024


cdef class FlatClock:
    """The clock of one time zone; see `switch.rules.local_time.LocalClock`."""

    cdef object _clock
    cdef int64_t _quarters[OFFSETS_KEPT]
    cdef int64_t _offsets_s[OFFSETS_KEPT]

    cdef int64_t day_at(self, uint64_t at_s) except? -1


# Days since 1970-01-01 of a Gregorian date (H. Hinnant, chrono-compatible low-level date algorithms, 2013).
cdef inline int64_t days_of(int64_t year, int month, int day) noexcept nogil:
    cdef int64_t era, year_of_era, day_of_year, day_of_era
    year -= month <= 2
    era = (year if year >= 0 else year - 399) // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


cdef inline int64_t day_of_number(uint32_t number) noexcept nogil:
    """The day of YYYYMMDD."""
    return days_of(number // 10_000, number // 100 % 100, number % 100)


cdef inline bint is_leap(int64_t year) noexcept nogil:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


cdef inline int64_t year_of(int64_t day) noexcept nogil:
    """The Gregorian year of a day from 1970 on (from the same source)."""
    cdef int64_t shifted = day + 719_468
    cdef int64_t era = shifted // 146_097
    cdef int64_t day_of_era = shifted - era * 146_097
    cdef int64_t year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    cdef int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    # Years begin in March there: January and February are those of the next.
    return year_of_era + era * 400 + (day_of_year >= 306)


cdef inline int64_t birthday_distance(uint32_t born_on, int64_t today) noexcept nogil:
    """Days to the nearest birthday; that of 29 February is on 1 March in common years."""
    cdef int month = born_on // 100 % 100, day = born_on % 100
    cdef int64_t year = year_of(today), near, birthday, distance, least = 1000
    for near in range(year - 1, year + 2):
        if month == 2 and day == 29 and not is_leap(near):
            birthday = days_of(near, 3, 1)
        else:
            birthday = days_of(near, month, day)
        distance = today - birthday if today >= birthday else birthday - today
        if distance < least:
            least = distance
    return least
