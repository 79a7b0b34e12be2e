"""Hours in which nothing is sent but codes, on the clock of Tehran."""

from datetime import UTC, datetime, timedelta

from host_api.core.tehran_time import TEHRAN

_ONE_DAY = timedelta(days=1)


def end_of_quiet(now: datetime, from_minute: int | None, until_minute: int | None) -> datetime | None:
    """When the quiet hours end in which `now` falls; None where it falls in none.

    Parameters:
        from_minute, until_minute: of the day; the hours may go over midnight.
    """
    if from_minute is None or until_minute is None or from_minute == until_minute:
        return None
    local = now.astimezone(TEHRAN)
    minute = local.hour * 60 + local.minute
    if from_minute < until_minute:
        is_quiet, is_tomorrow = from_minute <= minute < until_minute, False
    else:
        is_quiet, is_tomorrow = minute >= from_minute or minute < until_minute, minute >= from_minute
    if not is_quiet:
        return None
    end = local.replace(hour=until_minute // 60, minute=until_minute % 60, second=0, microsecond=0, fold=0)
    return (end + _ONE_DAY if is_tomorrow else end).astimezone(UTC)
