"""Making an image: the newest one, and the sealed segments behind it, which never change any more."""

import gc
import logging
import time
from pathlib import Path
from typing import NamedTuple

from switch.journal.entries import EntryFault
from switch.journal.faults import JournalFault
from switch.journal.format import RawEntry, segment_paths
from switch.journal.reader import Beginning, JournalScan, SparseIndex
from switch.journal.system import OPERATING_SYSTEM, System
from switch.ledger.records import RecordFault, Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.rules.packing import RuleTableFault
from switch.snapshot.faults import SnapshotDamaged
from switch.snapshot.files import (
    keep_newest,
    making_alone,
    name_unfinished,
    newest_image,
    segment_header,
    snapshot_path,
    whole_or_nothing,
    write_unfinished,
)
from switch.snapshot.image import ImageHeader, load_image, pack_image

_LOG = logging.getLogger("switch.snapshot")

# An image has no host of its own: whoever loads it knows which one it is.
NO_HOST = TerminalRecord("", "", 0, 1, Role.HOST, Status.ACTIVE)


class Made(NamedTuple):
    """An image that was made: its position, how many entries were folded for it, its size in bytes, and the
    position up to which segments may go (0 for none)."""

    position: int
    entries: int
    size_bytes: int
    covered_position: int


class _Folded(NamedTuple):
    state: State
    journal_index: SparseIndex
    chain_hash: bytes
    key_check: bytes
    entries: int


def make_snapshot(directory: Path, now_ms: int, system: System = OPERATING_SYSTEM) -> Made | None:
    """Make an image of all sealed segments of a journal, which a switch may be writing meanwhile.

    None where the newest image has them all. Raises SnapshotBusy, SnapshotFault, JournalFault where the
    journal can't be trusted, OSError where the disk fails; then nothing is left of the image.
    """
    with making_alone(directory, system):
        folded = _fold(directory, system)
        if folded is None:
            return None
        path, entries = snapshot_path(directory, folded.state.position), folded.entries
        started = time.monotonic()
        with whole_or_nothing(path, system):
            header, size_bytes = _write(path, folded, now_ms, system)
            # Of a large club there should not be two at a time.
            del folded
            gc.collect()
            name_unfinished(path, lambda data: _check(data, path, header), system)
        _LOG.info(
            "snapshot at position %d written and read back in %.2f s, %d bytes",
            header.position,
            time.monotonic() - started,
            size_bytes,
        )
        return Made(header.position, entries, size_bytes, keep_newest(directory, system))


def fold(state: State, raw: RawEntry, path: Path) -> None:
    """Take over an entry. Raises JournalFault for one that can't be."""
    try:
        state.replay(raw)
    except (EntryFault, RecordFault, RuleTableFault, ValueError, KeyError) as fault:
        raise JournalFault(f"entry {raw.position} can't be replayed ({fault})", path) from None


def _fold(directory: Path, system: System) -> _Folded | None:
    started = time.monotonic()
    paths = segment_paths(directory, system)
    last_position = int(paths[-1].stem) - 1 if paths else 0
    image = newest_image(directory, NO_HOST, system=system)
    first_position = 1 if image is None else image.header.position + 1
    if last_position < first_position:
        return None
    key_check = segment_header(paths[-1], system).key_check
    state, index, beginning = State(NO_HOST), SparseIndex(system), Beginning()
    if image is not None:
        if image.header.key_check != key_check:
            raise JournalFault("written with another master key than its snapshot", paths[-1])
        state, beginning = image.state, Beginning(first_position, image.header.chain_hash)
        for point in image.points:
            index.note(*point)
        del image
    _LOG.info("snapshot at position %d begins: entries from %d on", last_position, first_position)
    scan = JournalScan(directory, key_check, beginning=beginning, is_live=True, system=system)
    for batch in scan.run():
        index.note(batch.entries[0].position, batch.path, batch.offset)
        for raw in batch.entries:
            fold(state, raw, batch.path)
        if scan.last_position >= last_position:
            break
    if state.position != last_position:
        raise JournalFault(f"entry {last_position} is not where its segment should end", directory)
    _LOG.info("%d entries folded in %.2f s", scan.entries, time.monotonic() - started)
    return _Folded(state, index, scan.last_hash, key_check, scan.entries)


def _write(path: Path, folded: _Folded, now_ms: int, system: System) -> tuple[ImageHeader, int]:
    state = folded.state
    header = ImageHeader(
        state.position, folded.chain_hash, folded.key_check, bytes.fromhex(state.digest()), now_ms
    )
    parts = pack_image(header, state, folded.journal_index.points)
    return header, write_unfinished(path, parts, system)


def _check(data: bytes, path: Path, header: ImageHeader) -> None:
    image = load_image(data, path, NO_HOST)
    if image.header != header or image.state.digest() != header.digest.hex():
        raise SnapshotDamaged("what was read back is another state", path)
