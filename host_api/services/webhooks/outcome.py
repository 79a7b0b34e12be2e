"""A message to be sent, and what came of sending it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class AttemptError(StrEnum):
    """What went wrong where an attempt failed."""

    STATUS = "status"
    REDIRECT = "redirect"
    GONE = "gone"
    TIMEOUT = "timeout"
    NAME = "name_unknown"
    ADDRESS = "address_refused"
    CONNECTION = "connection"
    TLS = "tls"
    ANSWER = "bad_answer"
    SECRET = "secret"  # noqa: S105  (a kind of error)
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message, ready to be sent; never shown by `repr` but for its length."""

    url: str = field(repr=False)
    headers: Sequence[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt; `error` is None where the message was accepted."""

    error: AttemptError | None
    status: int | None = None
    latency_ms: int = 0
    retry_after: timedelta | None = None
