"""Times of the wire against a clock, both in UTC."""

from datetime import UTC, datetime, timedelta

_QUARTER_S = 900
_ZONES_MAX_S = 14 * 3600
_SLACK_S = 120


def transmission_time(epoch_ms: int) -> str:
    """Field 7, MMDDhhmmss."""
    return _at(epoch_ms).strftime("%m%d%H%M%S")


def switch_time(epoch_ms: int) -> str:
    """Tag DF0B, YYYYMMDDhhmmss."""
    return _at(epoch_ms).strftime("%Y%m%d%H%M%S")


def local_time(epoch_ms: int, utc_offset_minutes: int) -> tuple[str, str]:
    """Fields 12 and 13, hhmmss and MMDD, where the clock on the wall is so far ahead of UTC."""
    there = _at(epoch_ms) + timedelta(minutes=utc_offset_minutes)
    return there.strftime("%H%M%S"), there.strftime("%m%d")


def seconds_ahead(text: str, epoch_ms: int) -> int | None:
    """How far a time of 10 or 14 digits is ahead of the clock, in the year that makes it nearest; None where
    it is no time."""
    here = _at(epoch_ms)
    if not (text.isascii() and text.isdecimal()) or len(text) not in (10, 14):
        return None
    years = [text[:4]] if len(text) == 14 else [str(here.year + turn) for turn in (-1, 0, 1)]
    found = []
    for year in years:
        try:
            then = datetime.strptime(year + text[-10:], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            continue
        found.append(int((then - here).total_seconds()))
    return min(found, key=abs, default=None)


def zone_minutes(ahead_s: int) -> int | None:
    """The time zone that explains a difference, in minutes; None where none does."""
    quarters = round(ahead_s / _QUARTER_S)
    if (
        not quarters
        or abs(ahead_s) > _ZONES_MAX_S + _SLACK_S
        or abs(ahead_s - quarters * _QUARTER_S) > _SLACK_S
    ):
        return None
    return quarters * 15


def _at(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms // 1000, UTC)
