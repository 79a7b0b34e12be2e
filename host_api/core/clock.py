"""Wall-clock time of the host API: always UTC, always aware."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present instant in UTC, to the microsecond."""
    return datetime.now(UTC)


def from_epoch_ms(at_ms: int) -> datetime:
    """The instant `at_ms` milliseconds after 1970-01-01T00:00:00Z."""
    seconds, milliseconds = divmod(at_ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def to_epoch_ms(instant: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z, rounded down."""
    return int(instant.timestamp()) * 1000 + instant.microsecond // 1000
