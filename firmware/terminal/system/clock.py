"""Calendar time from seconds, corrected by what the switch said at sign-on. Deadlines never use it."""

_DAYS_BEFORE_1970 = 719468  # from 1 March of year 0


def seconds_of(year: int, month: int, day: int, *, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Seconds since 1970 of a Gregorian date and time, UTC."""
    # Years start in March here, so that the leap day is the last of its year.
    if month <= 2:
        year -= 1
    era, of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + day_of_year - _DAYS_BEFORE_1970
    return ((days * 24 + hour) * 60 + minute) * 60 + second


def calendar(seconds: int) -> "tuple[int, int, int, int, int, int]":
    """Year, month, day, hour, minute, second of a time in seconds since 1970, UTC."""
    days, rest = divmod(seconds, 86400)
    era, day_of_era = divmod(days + _DAYS_BEFORE_1970, 146097)
    of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * of_era + of_era // 4 - of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = era * 400 + of_era + (1 if month <= 2 else 0)
    return (year, month, day, rest // 3600, rest // 60 % 60, rest % 60)


class Clock:
    """The terminal's idea of the time.

    Args:
        wall_seconds: the uncorrected real-time clock, a function.
        local_offset_minutes: local time minus UTC.
    """

    def __init__(self, wall_seconds: "Callable[[], int]", local_offset_minutes: int) -> None:
        self._wall_seconds = wall_seconds
        self._local_offset_s = local_offset_minutes * 60
        self._correction_s = 0

    def set_from(self, switch_time: str) -> bool:
        """Take the time as YYYYMMDDhhmmss UTC; False, and unchanged, when it isn't one."""
        if len(switch_time) != 14 or not switch_time.isdigit():
            return False
        year, month, day = int(switch_time[:4]), int(switch_time[4:6]), int(switch_time[6:8])
        hour, minute, second = int(switch_time[8:10]), int(switch_time[10:12]), int(switch_time[12:])
        if not (
            year >= 2000 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60
        ):
            return False
        self._correction_s = (
            seconds_of(year, month, day, hour=hour, minute=minute, second=second) - self._wall_seconds()
        )
        return True

    def seconds(self) -> int:
        """Seconds since 1970, UTC."""
        return self._wall_seconds() + self._correction_s

    def utc(self) -> "tuple[int, int, int, int, int, int]":
        """Year, month, day, hour, minute, second, UTC."""
        return calendar(self.seconds())

    def local(self) -> "tuple[int, int, int, int, int, int]":
        """Year, month, day, hour, minute, second, local."""
        return calendar(self.seconds() + self._local_offset_s)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
