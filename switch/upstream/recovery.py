"""What the journal already tells of requests that a process before this one forwarded."""

from collections.abc import Iterator

from switch.journal.entries import EntryKind, ForwardedEntry, unpack
from switch.journal.reader import read_after
from switch.journal.writer import Journal

_READ_ENTRIES = 1000


def forwarded_behind(journal: Journal, position: int) -> Iterator[ForwardedEntry]:
    """Entries of forwarded requests behind a position, as far back as the journal is kept.

    Raises JournalFault and EntryFault where it can't be trusted, OSError where it can't be read.
    """
    position = max(position, journal.index.first_position - 1)
    while position < journal.last_position:
        for raw in read_after(journal.index, position, journal.last_position, _READ_ENTRIES):
            position = raw.position
            if raw.kind == EntryKind.FORWARDED:
                entry = unpack(raw.kind, raw.version, raw.body)
                if isinstance(entry, ForwardedEntry):
                    yield entry
