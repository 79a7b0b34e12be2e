"""What happens to alarms, as the history keeps it: one line each, with a checksum."""

import json
import zlib
from enum import StrEnum
from typing import NamedTuple

_TEXT_MAX = 400


class What(StrEnum):
    """What happened."""

    RAISED = "raised"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    UNMUTED = "unmuted"


class Record(NamedTuple):
    """One happening, `at_ms` since 1970.

    `subject` is None where all subjects of the rule are meant, which only mutes do. `until_ms` is the end of
    a mute, 0 for until cleared. `person` and `note` are of who acted.
    """

    at_ms: int
    what: What
    rule: str
    subject: str | None
    severity: str = ""
    value: int | None = None
    person: str = ""
    note: str = ""
    until_ms: int = 0


def line_of(record: Record) -> bytes:
    """A line of the file, with its end."""
    content = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return b"%08x %b\n" % (zlib.crc32(content), content)


def record_of(line: bytes) -> Record | None:
    """What a line holds; None where it was torn or is of another version."""
    checksum, _, content = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(content):
        return None
    try:
        at_ms, what, rule, subject, severity, value, person, note, until_ms = json.loads(content)
        found = Record(at_ms, What(what), rule, subject, severity, value, person, note, until_ms)
    except (ValueError, TypeError, RecursionError):
        return None
    numbers = (found.at_ms, found.until_ms, 0 if found.value is None else found.value)
    texts = (found.rule, found.subject or "", found.severity, found.person, found.note)
    is_known = all(type(number) is int for number in numbers) and all(
        isinstance(text, str) and len(text) <= _TEXT_MAX for text in texts
    )
    return found if is_known else None
