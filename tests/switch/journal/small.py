"""Small journals on real files."""

from collections.abc import Sequence
from pathlib import Path

from switch.journal.format import RawEntry, pack_entry
from switch.journal.reader import JournalScan
from switch.journal.system import OPERATING_SYSTEM, OperatingSystem, System
from switch.journal.writer import Journal

KEY_CHECK = bytes(16)
LARGE = 1 << 26


class Unsynced(OperatingSystem):
    """Saves the time of syncs where a test opens hundreds of journals and cuts no power."""

    def fdatasync(self, descriptor: int, /) -> None:
        pass

    def fsync(self, descriptor: int, /) -> None:
        pass

    def sync_directory(self, directory: Path, /) -> None:
        pass


UNSYNCED = Unsynced()


def open_journal(
    directory: Path,
    seen: list[RawEntry] | None = None,
    segment_bytes: int = LARGE,
    system: System = OPERATING_SYSTEM,
) -> Journal:
    return Journal.open(
        directory,
        key_check=KEY_CHECK,
        segment_bytes=segment_bytes,
        now_ms=1,
        on_entry=(seen if seen is not None else []).append,
        system=system,
    )


def replayed(
    directory: Path, segment_bytes: int = LARGE, system: System = OPERATING_SYSTEM
) -> tuple[list[bytes], Journal]:
    """The bodies of a journal's entries, and the journal open."""
    seen: list[RawEntry] = []
    journal = open_journal(directory, seen, segment_bytes, system)
    assert [entry.position for entry in seen] == list(range(1, len(seen) + 1))
    return [entry.body for entry in seen], journal


def packed(batch: Sequence[bytes]) -> list[bytes]:
    return [pack_entry(7, 1, body) for body in batch]


def write(directory: Path, *batches: Sequence[bytes], segment_bytes: int = LARGE) -> None:
    """Commit batches and close."""
    journal = open_journal(directory, segment_bytes=segment_bytes)
    for batch in batches:
        journal.commit(packed(batch), now_ms=1)
    journal.close()


def scanned(directory: Path) -> list[bytes]:
    """The bodies of a journal's entries, without opening it for writing."""
    return [entry.body for batch in JournalScan(directory).run() for entry in batch.entries]
