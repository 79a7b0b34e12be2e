"""A replay of the journal in a folder, which is only read: its switch may be running."""

from collections.abc import Iterator
from pathlib import Path

from switch.authoriser.facts import local_day_at
from switch.journal.entries import EntryFault, unpack
from switch.journal.faults import JournalFault
from switch.journal.format import ENTRY_HEADER_BYTES, RawEntry, segment_paths
from switch.journal.reader import Beginning, JournalScan
from switch.ledger.records import RecordFault
from switch.rule_trials.replay import Replay, Span
from switch.rule_trials.replay_sums import ReplaySums
from switch.rules.local_time import iso_date
from switch.rules.packing import RuleTableFault
from switch.rules.table import RuleTable
from switch.snapshot.image import Image
from switch.snapshot.reading import image_before

# What a journal that can't be read or trusted raises, beside OSError; the texts are for people.
FAULTS = (JournalFault, EntryFault, RecordFault, RuleTableFault, ValueError)


class DaysGone(Exception):  # noqa: N818  (nothing is broken)
    """Days were asked for of which the journal no longer has everything; the text is one line."""


class JournalReplay:
    """Another table against the purchases of a journal, from its beginning or behind its oldest snapshot.

    Where the first segments are gone, `begins_late` says from when on there is an answer, and days before
    that raise DaysGone where `is_from_asked`. Making it raises FAULTS or OSError too.
    """

    def __init__(self, journal: Path, table: RuleTable, span: Span, *, is_from_asked: bool) -> None:
        self._journal = journal
        self._table = table
        self._span = span
        self._is_from_asked = is_from_asked
        self.total_bytes = sum(path.stat().st_size for path in segment_paths(journal))
        self.begins_late = ""
        self._image = image_before(journal)
        self._beginning = Beginning()
        if self._image is not None:
            header = self._image.header
            self._beginning = Beginning(header.position + 1, header.chain_hash)
        self._replay = Replay(table, span, None if self._image is None else self._image.state)

    @property
    def sums(self) -> ReplaySums:
        """What was found so far."""
        return self._replay.sums

    def run(self) -> Iterator[int]:
        """Walk through it, up to the last day asked for; yields the bytes of each batch. Raises FAULTS,
        DaysGone and OSError."""
        for batch in JournalScan(self._journal, beginning=self._beginning, is_live=True).run():
            if self._image is not None:
                self._note_beginning(self._image, batch.entries[0])
                self._image = None
            for raw in batch.entries:
                self._replay.take(raw)
            yield sum(ENTRY_HEADER_BYTES + len(raw.body) for raw in batch.entries)
            if self._replay.is_over:
                return

    def _note_beginning(self, image: Image, raw: RawEntry) -> None:
        entry = unpack(raw.kind, raw.version, raw.body)
        day = local_day_at(self._table, entry.at_ms // 1000).ordinal
        oldest = f"snapshot {image.header.position} is the oldest of use"
        gone = f"the journal's first segments are gone, and {oldest}"
        if not self._is_from_asked:
            self.begins_late = f"{gone}: what follows begins within {iso_date(day)}"
        elif self._span.first_day <= day:
            raise DaysGone(f"{gone}: whole days can be had from {iso_date(day + 1)} on")
