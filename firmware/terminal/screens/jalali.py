"""The Persian (Jalali) calendar, by the 33-year cycle; it agrees with astronomy from 1799 to 2256."""

_GREGORIAN_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def jalali(year: int, month: int, day: int) -> "tuple[int, int, int]":
    """Jalali year, month, day of a Gregorian date."""
    leap_year = year + 1 if month > 2 else year
    days = 355666 + 365 * year + (leap_year + 3) // 4 - (leap_year + 99) // 100 + (leap_year + 399) // 400
    days += day + _GREGORIAN_DAYS_BEFORE[month - 1]
    cycles, days = divmod(days, 12053)
    quads, days = divmod(days, 1461)
    jalali_year = -1595 + 33 * cycles + 4 * quads
    if days > 365:
        jalali_year += (days - 1) // 365
        days = (days - 1) % 365
    if days < 186:
        return (jalali_year, 1 + days // 31, 1 + days % 31)
    return (jalali_year, 7 + (days - 186) // 30, 1 + (days - 186) % 30)
