"""Images in a journal's directory: named by their positions, written whole or not at all."""

import errno
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from switch.journal.format import (
    SEGMENT_HEADER_BYTES,
    UNFINISHED_SUFFIX,
    SegmentHeader,
    segment_paths,
    unpack_segment_header,
)
from switch.journal.system import OPERATING_SYSTEM, System
from switch.ledger.records import TerminalRecord
from switch.ledger.stores import Engine
from switch.snapshot.faults import SnapshotBusy, SnapshotDamaged, SnapshotVersionUnknown
from switch.snapshot.image import Image, ImageHeader, load_image, unpack_header

_LOG = logging.getLogger("switch.snapshot")

SNAPSHOT_SUFFIX = ".snapshot"
DAMAGED_SUFFIX = ".damaged"
LOCK_NAME = "snapshot.lock"
IMAGES_KEPT = 2

# So much is handed to the disk at a time: a journal on the same disk waits behind no more.
_WRITTEN_BYTES = 1 << 20


def segment_header(path: Path, system: System = OPERATING_SYSTEM) -> SegmentHeader:
    """What a segment says of itself. Raises JournalFault, OSError."""
    descriptor = system.open(path, os.O_RDONLY)
    try:
        return unpack_segment_header(system.pread(descriptor, SEGMENT_HEADER_BYTES, 0), path)
    finally:
        system.close(descriptor)


def snapshot_path(directory: Path, position: int) -> Path:
    """Where the image of a position stands."""
    return directory / f"{position:020d}{SNAPSHOT_SUFFIX}"


def snapshot_paths(directory: Path, system: System = OPERATING_SYSTEM) -> list[Path]:
    """Images of a journal, oldest first. Raises OSError where the directory can't be read."""
    return sorted(directory / name for name in system.names(directory) if name.endswith(SNAPSHOT_SUFFIX))


def newest_image(
    directory: Path,
    host: TerminalRecord,
    *,
    engine: Engine | None = None,
    sets_aside: bool = True,
    system: System = OPERATING_SYSTEM,
) -> Image | None:
    """The newest image that is good, loaded; None where there is none.

    Damaged ones get another name, unless somebody only reads; those that this software doesn't know are
    passed over. Raises OSError where files can't be read.
    """
    for path in reversed(snapshot_paths(directory, system)):
        try:
            return good_image(path, host, engine, system)
        except SnapshotVersionUnknown as fault:
            _LOG.warning("snapshot at position %s: %s; passed over", path.stem.lstrip("0"), fault.reason)
        except SnapshotDamaged as fault:
            _tell_damage(fault, path, sets_aside, system)
    return None


def good_image(
    path: Path, host: TerminalRecord, engine: Engine | None = None, system: System = OPERATING_SYSTEM
) -> Image:
    """An image, loaded; its index knows only segments that are there. Raises SnapshotFault, OSError."""
    image = load_image(system.read(path), path, host, engine)
    if snapshot_path(path.parent, image.header.position) != path:
        raise SnapshotDamaged("it has another position", path)
    names = {segment.name for segment in segment_paths(path.parent, system)}
    return image._replace(points=[point for point in image.points if point.path.name in names])


def good_header(path: Path, system: System = OPERATING_SYSTEM) -> ImageHeader:
    """Header of an image of which every bit was checked. Raises SnapshotFault, OSError."""
    header = unpack_header(system.read(path), path)
    if snapshot_path(path.parent, header.position) != path:
        raise SnapshotDamaged("it has another position", path)
    return header


@contextmanager
def whole_or_nothing(path: Path, system: System = OPERATING_SYSTEM) -> Iterator[None]:
    """Clear an image that has no name yet away where something goes wrong."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            system.unlink(_unfinished(path))
        raise


def write_unfinished(path: Path, parts: Iterable[bytes], system: System = OPERATING_SYSTEM) -> int:
    """Have an image on the disk under a passing name; returns its size in bytes.

    Raises OSError, and what `parts` raises.
    """
    descriptor = system.open(_unfinished(path), os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        size = _write(descriptor, parts, system)
        system.fsync(descriptor)
    finally:
        system.close(descriptor)
    return size


def name_unfinished(path: Path, check: Callable[[bytes], None], system: System = OPERATING_SYSTEM) -> None:
    """Give an image its name, once `check` has seen what can be read of it. Raises OSError, and what that
    raises."""
    check(system.read(_unfinished(path)))
    system.rename(_unfinished(path), path)
    system.sync_directory(path.parent)


def keep_newest(directory: Path, system: System = OPERATING_SYSTEM) -> int:
    """Remove all images but the newest good ones; returns the position up to which the journal can do without
    its segments: that of the older one, so that either of them is enough. 0 where there is only one."""
    kept: list[int] = []
    for path in reversed(snapshot_paths(directory, system)):
        if len(kept) == IMAGES_KEPT:
            system.unlink(path)
            continue
        try:
            kept.append(good_header(path, system).position)
        except SnapshotVersionUnknown as fault:
            _LOG.warning("snapshot at position %s: %s; passed over", path.stem.lstrip("0"), fault.reason)
        except SnapshotDamaged as fault:
            _tell_damage(fault, path, True, system)
    return kept[-1] if len(kept) == IMAGES_KEPT else 0


@contextmanager
def making_alone(directory: Path, system: System = OPERATING_SYSTEM) -> Iterator[None]:
    """Keep others from making an image meanwhile, and clear away what a killed one left half made.

    Raises SnapshotBusy where somebody else is at it, OSError.
    """
    path = directory / LOCK_NAME
    descriptor = system.open(path, os.O_RDWR | os.O_CREAT)
    try:
        try:
            system.lock(descriptor)
        except BlockingIOError:
            raise SnapshotBusy("another process makes one", path) from None
        for name in system.names(directory):
            if name.endswith(SNAPSHOT_SUFFIX + UNFINISHED_SUFFIX):
                system.unlink(directory / name)
        yield
    finally:
        system.close(descriptor)


def _unfinished(path: Path) -> Path:
    return path.with_suffix(SNAPSHOT_SUFFIX + UNFINISHED_SUFFIX)


def _write(descriptor: int, parts: Iterable[bytes], system: System) -> int:
    offset = 0
    for piece in _pieces(parts):
        view = memoryview(piece)
        while view:
            written = system.pwrite(descriptor, view, offset)
            if written == 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            view = view[written:]
            offset += written
        system.fdatasync(descriptor)
    return offset


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size."""
    gathered = bytearray()
    for part in parts:
        gathered += part
        while len(gathered) >= _WRITTEN_BYTES:
            yield bytes(gathered[:_WRITTEN_BYTES])
            del gathered[:_WRITTEN_BYTES]
    if gathered:
        yield bytes(gathered)


def _tell_damage(fault: SnapshotDamaged, path: Path, sets_aside: bool, system: System) -> None:
    # Names of files are long numbers, which logs hide.
    if sets_aside:
        system.rename(path, path.with_suffix(DAMAGED_SUFFIX))
        system.sync_directory(path.parent)
        _LOG.error("snapshot at position %s: %s; set aside as damaged", path.stem.lstrip("0"), fault.reason)
    else:
        _LOG.error("snapshot at position %s: %s", path.stem.lstrip("0"), fault.reason)
