"""A journal on real files, made of entries that a test has, and what reads it."""

from collections.abc import Sequence
from pathlib import Path

from switch.console.story.segments import Segments
from switch.journal.format import RawEntry, pack_entry
from switch.journal.writer import Journal
from tests.switch.journal.small import UNSYNCED, open_journal


def written(
    directory: Path, raws: Sequence[RawEntry], batch_entries: int = 3, segment_bytes: int = 1 << 20
) -> Journal:
    """A journal with these entries, so many in each batch."""
    journal = open_journal(directory, segment_bytes=segment_bytes, system=UNSYNCED)
    for start in range(0, len(raws), batch_entries):
        batch = raws[start : start + batch_entries]
        journal.commit([pack_entry(raw.kind, raw.version, raw.body) for raw in batch], now_ms=1)
    return journal


def segments_of(journal: Journal) -> Segments:
    """Who looks back into a journal of which all is durable."""
    return Segments(journal.index, lambda: journal.last_position)
