"""The period of a report, where the caller leaves a part of it out."""

from datetime import UTC, datetime, timedelta
from typing import Final

from host_api.core.clock import utc_now
from host_api.core.tehran_time import UtcPeriod

_USUAL: Final = timedelta(days=90)
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


def period_of(begin: datetime | None, end: datetime | None) -> UtcPeriod:
    """From `begin`, or ninety days before the end, until before `end`, or now."""
    until = end or utc_now()
    return UtcPeriod(begin or max(until, _EARLIEST + _USUAL) - _USUAL, until)
