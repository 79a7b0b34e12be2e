"""Field 7 (transmission date and time) has no year; here it gets one."""

from datetime import UTC, datetime
from functools import lru_cache

from switch.rules.local_time import DAY_S

# A sender's clock may run ahead by this much. More, and an old message could a year later pass for a new one.
CLOCK_AHEAD_MAX_S = DAY_S


def resolve_transmission(text: str, now_s: int) -> int | None:
    """Seconds since the epoch of MMDDhhmmss (UTC), in the year that brings it nearest to `now_s`.

    None where it is no date or time in any of the years around.
    """
    if len(text) != 10 or not (text.isascii() and text.isdecimal()):
        return None
    hour, minute, second = int(text[4:6]), int(text[6:8]), int(text[8:])
    if hour > 23 or minute > 59 or second > 59:
        return None
    midnight = _nearest_midnight(int(text[:2]), int(text[2:4]), now_s // DAY_S)
    return None if midnight is None else midnight + hour * 3600 + minute * 60 + second


def transmission_text(transmitted_s: int) -> str:
    """Field 7 of a resolved time."""
    return datetime.fromtimestamp(transmitted_s, UTC).strftime("%m%d%H%M%S")


def switch_time_text(now_ms: int) -> str:
    """Tag DF0B: the switch's own time, YYYYMMDDhhmmss."""
    return datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y%m%d%H%M%S")


@lru_cache(maxsize=1024)
def _nearest_midnight(month: int, day: int, today: int) -> int | None:
    year = datetime.fromtimestamp(today * DAY_S, UTC).year
    candidates = []
    for candidate in range(year - 1, year + 2):
        try:
            candidates.append(int(datetime(candidate, month, day, tzinfo=UTC).timestamp()))
        except ValueError:
            continue
    return min(candidates, key=lambda midnight: abs(midnight - today * DAY_S), default=None)
