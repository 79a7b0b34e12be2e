"""What alarms may be about, by name: the vocabulary of the rules.

A signal has a number for each of its subjects every second. What is counted has the events of that second,
and none where a subject is missing; of a level a missing subject is not known.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple


class Subject(Enum):
    """What a signal tells apart."""

    NONE = ""
    CODE = "code"
    LINK = "link"
    TERMINAL = "terminal"
    READER = "reader"


class _Meaning(NamedTuple):
    name: str
    subject: Subject
    is_counted: bool
    unit: str


def _count(name: str, subject: Subject = Subject.NONE) -> _Meaning:
    return _Meaning(name, subject, is_counted=True, unit="")


def _level(name: str, unit: str = "", subject: Subject = Subject.NONE) -> _Meaning:
    return _Meaning(name, subject, is_counted=False, unit=unit)


class Signal(Enum):
    """All of them. Answers are those to shops: no file actions, reconciliations and network management."""

    ANSWERS = _count("answers", Subject.CODE)
    DECLINES = _count("declines", Subject.CODE)
    REVERSALS = _count("reversals")
    REPEATS = _count("repeats")
    CONFLICTS = _count("conflicts")
    MAC_FAILURES = _count("mac_failures")
    FORMAT_FAULTS = _count("format_faults")
    UNKNOWN_TERMINALS = _count("unknown_terminals")
    NOT_SIGNED_ON = _count("not_signed_on")
    MALFUNCTIONS = _count("malfunctions")
    REFUSED = _count("refused", Subject.LINK)
    LINK_FAILURES = _count("link_failures", Subject.LINK)
    TAKEN_BACK = _count("taken_back", Subject.LINK)
    LATE_REPLIES = _count("late_replies", Subject.LINK)
    CANDIDATE_FAILURES = _count("candidate_failures")
    LOG_LINES_HELD_BACK = _count("log_lines_held_back")
    LOG_LINES_DROPPED = _count("log_lines_dropped")

    REQUEST_P99_US = _level("request_p99_us", "us")
    SYNC_P99_US = _level("sync_p99_us", "us")
    COMMIT_BUSY_MS = _level("commit_busy_ms", "ms")
    QUEUE_AGE_MS = _level("queue_age_ms", "ms")
    DISK_FREE_BYTES = _level("disk_free_bytes", "bytes")
    LINK_CONNECTIONS = _level("link_connections", "", Subject.LINK)
    LINK_SILENCE_S = _level("link_silence_s", "s", Subject.LINK)
    DIALLED_SILENCE_S = _level("dialled_silence_s", "s", Subject.LINK)
    DIALLED_DOWN = _level("dialled_down", "", Subject.LINK)
    TERMINAL_SILENCE_S = _level("terminal_silence_s", "s", Subject.TERMINAL)
    PARTNER_DOWN = _level("partner_down", "", Subject.LINK)
    STORED_REQUESTS = _level("stored_requests", "", Subject.LINK)
    STORED_AGE_S = _level("stored_age_s", "s", Subject.LINK)
    QUEUE_UNWRITABLE = _level("queue_unwritable", "", Subject.LINK)
    DEAD_LETTERS = _level("dead_letters", "", Subject.LINK)
    FEED_BEHIND_S = _level("feed_behind_s", "s", Subject.READER)
    FEED_LAG_ENTRIES = _level("feed_lag_entries", "", Subject.READER)
    NOT_READY = _level("not_ready")
    FAILED = _level("failed")


SIGNALS: Final = {signal.value.name: signal for signal in Signal}

# Of signals that tell nothing apart.
ALONE: Final = ""

Sample = Mapping[Signal, Mapping[str, int]]
