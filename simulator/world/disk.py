"""A disk that keeps what was synced, and of the rest what it likes.

What is written lies in the page cache until its file is synced. A killed process leaves the cache as it is; a
power cut keeps any of the unsynced sectors and any first part of the unsynced changes of names. A sector is
written whole or not at all. A failed sync leaves its pages clean and perhaps not written, as Linux does.
"""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random

SECTOR_BYTES = 512


class Halted(BaseException):
    """The process or its machine stopped in the middle of a call; no handler of errors may go on."""


class Stop(Enum):
    """How a process ends without being asked."""

    KILLED = auto()
    POWER_CUT = auto()


@dataclass(slots=True)
class DiskFaults:
    """How often a call goes wrong, in parts of 10,000. `lies` makes every sync a promise without a deed.

    A `forgiving` disk has what a killed process wrote, and what a failed sync should have written, on its
    platter when the process starts again. Linux promises neither.
    """

    write_fails: int = 0
    write_is_short: int = 0
    no_space: int = 0
    sync_fails: int = 0
    lies: bool = False
    forgiving: bool = False


class File:
    """One file: what is seen, and what would be found after a power cut."""

    __slots__ = ("_platter", "_platter_size", "_sector_bytes", "changed", "content")

    def __init__(self, sector_bytes: int = SECTOR_BYTES) -> None:
        self._sector_bytes = sector_bytes
        self.content = bytearray()
        self.changed: set[int] = set()
        self._platter = bytearray()
        self._platter_size = 0

    def write(self, offset: int, data: bytes) -> None:
        """Put bytes into the cache; a gap before them is zeros."""
        end = offset + len(data)
        if len(self.content) < offset:
            self.resize(offset)
        self.content[offset:end] = data
        self._touch(offset, end)

    def resize(self, size: int) -> None:
        """Cut off, or add zeros."""
        old = len(self.content)
        if size < old:
            del self.content[size:]
        else:
            self.content += bytes(size - old)
        self._touch(min(size, old), max(size, old))

    def sync(self) -> None:
        """Make all of it durable."""
        for sector in self.changed:
            self._write_out(sector)
        self.changed.clear()
        self._platter_size = len(self.content)

    def sync_some(self, random: Random) -> None:
        """Let any of the changed sectors reach the platter, and perhaps the size."""
        for sector in sorted(self.changed):
            if random.random() < 0.5:
                self._write_out(sector)
        if random.random() < 0.5:
            self._platter_size = len(self.content)

    def lose_cache(self) -> None:
        """See what is on the platter. What it has behind the end of the file is never seen again: a file that
        grows has zeros there."""
        del self._platter[self._platter_size :]
        self.content = self._platter[:]
        self.content += bytes(self._platter_size - len(self.content))
        self.changed.clear()

    def _write_out(self, sector: int) -> None:
        """A sector whole, also what is behind the end of the file."""
        start, end = sector * self._sector_bytes, (sector + 1) * self._sector_bytes
        if len(self._platter) < end:
            self._platter += bytes(end - len(self._platter))
        self._platter[start:end] = self.content[start:end].ljust(self._sector_bytes, b"\0")

    def _touch(self, start: int, end: int) -> None:
        size = self._sector_bytes
        self.changed.update(range(start // size, (max(end, start + 1) - 1) // size + 1))


@dataclass(slots=True)
class Handle:
    """An open file, or the directory where `file` is None."""

    file: File | None
    name: str = field(default="")


class SimulatedDisk:
    """One directory of files, of which a power cut keeps or loses sectors of `sector_bytes`."""

    def __init__(
        self,
        random: Random,
        faults: DiskFaults,
        tell: Callable[[str], None],
        sector_bytes: int = SECTOR_BYTES,
    ) -> None:
        self.faults = faults
        self.sector_bytes = sector_bytes
        self.files: dict[str, File] = {}
        self.handles: dict[int, Handle] = {}
        self.calls = 0
        self.failures = 0
        self._random = random
        self._tell = tell
        self._durable_names: dict[str, File] = {}
        self._name_changes: list[dict[str, File]] = []
        self._next_descriptor = 100
        self._halt_in: int | None = None
        self._halt_as = Stop.KILLED

    def halt_within(self, calls: int, how: Stop) -> None:
        """Stop inside the call after so many more."""
        self._halt_in, self._halt_as = calls, how

    @property
    def halts_by(self) -> Stop:
        """How the last halt came, or the next one will."""
        return self._halt_as

    def stop(self, how: Stop) -> None:
        """The process is gone: its files are closed. After a power cut the cache is gone too."""
        self.handles.clear()
        self._halt_in = None
        if how is not Stop.POWER_CUT:
            if self.faults.forgiving:
                self._sync_all()
            return
        kept = self._random.randint(0, len(self._name_changes))
        if kept:
            self._durable_names = self._name_changes[kept - 1]
        self._name_changes.clear()
        self.files = dict(self._durable_names)
        for name in sorted(self.files):
            file = self.files[name]
            file.sync_some(self._random)
            file.lose_cache()

    def _sync_all(self) -> None:
        for name in sorted(self.files):
            self.files[name].sync()
        self._durable_names = dict(self.files)
        self._name_changes.clear()

    # Calls of a process

    def open_handle(self, handle: Handle) -> int:
        """A descriptor."""
        self._next_descriptor += 1
        self.handles[self._next_descriptor] = handle
        return self._next_descriptor

    def create(self, name: str) -> File:
        """A new empty file of this name."""
        self._halt_point(lambda: None)
        file = self.files[name] = File(self.sector_bytes)
        self._names_changed()
        return file

    def file_of(self, descriptor: int) -> File:
        """The open file. Raises OSError for a directory or a closed descriptor."""
        handle = self.handles.get(descriptor)
        if handle is None or handle.file is None:
            raise OSError(errno.EBADF, "no open file")
        return handle.file

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        """As pwrite(2): may write less than asked for, or fail after a part."""
        file = self.file_of(descriptor)
        part = data[: self._part_of(offset, len(data))]
        self._halt_point(lambda: file.write(offset, part))
        if self._goes_wrong(self.faults.write_fails):
            file.write(offset, part)
            raise self._failure(errno.EIO, "write failed")
        if self._goes_wrong(self.faults.no_space):
            file.write(offset, part)
            raise self._failure(errno.ENOSPC, "disk is full")
        if len(data) > 1 and self._goes_wrong(self.faults.write_is_short):
            data = data[: self._part_of(offset, len(data)) or len(data)]
        file.write(offset, data)
        return len(data)

    def reserve(self, descriptor: int, offset: int, size: int) -> None:
        """As posix_fallocate(3)."""
        file = self.file_of(descriptor)
        self._halt_point(lambda: None)
        if self._goes_wrong(self.faults.no_space):
            raise self._failure(errno.ENOSPC, "disk is full")
        if offset + size > len(file.content):
            file.resize(offset + size)

    def resize(self, descriptor: int, size: int) -> None:
        """As ftruncate(2)."""
        file = self.file_of(descriptor)
        self._halt_point(lambda: None)
        file.resize(size)

    def sync(self, descriptor: int) -> None:
        """As fsync(2) of a file or of the directory."""
        handle = self.handles.get(descriptor)
        if handle is None:
            raise OSError(errno.EBADF, "no open file")
        file = handle.file
        self._halt_point(lambda: None if file is None else file.sync_some(self._random))
        if self.faults.lies:
            return
        if self._goes_wrong(self.faults.sync_fails):
            if file is not None:
                file.sync_some(self._random)
                if not self.faults.forgiving:
                    file.changed.clear()
            raise self._failure(errno.EIO, "sync failed")
        if file is not None:
            file.sync()
        else:
            self._durable_names = dict(self.files)
            self._name_changes.clear()

    def rename(self, old: str, new: str) -> None:
        """As rename(2)."""
        if old not in self.files:
            raise FileNotFoundError(errno.ENOENT, "no such file", old)
        self._halt_point(lambda: None)
        self.files[new] = self.files.pop(old)
        self._names_changed()

    def unlink(self, name: str) -> None:
        """As unlink(2)."""
        if name not in self.files:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        self._halt_point(lambda: None)
        del self.files[name]
        self._names_changed()

    def _part_of(self, offset: int, size: int) -> int:
        """How much of a write is done when it isn't done in full: up to a border between sectors."""
        border = (offset + self._random.randint(0, size)) // self.sector_bytes * self.sector_bytes
        return max(border - offset, 0)

    def _names_changed(self) -> None:
        self._name_changes.append(dict(self.files))

    def _halt_point(self, partly: Callable[[], None]) -> None:
        """Count a call; where it is the last one, do a part of it and stop."""
        self.calls += 1
        if self._halt_in is None:
            return
        if self._halt_in > 0:
            self._halt_in -= 1
            return
        self._halt_in = None
        partly()
        self._tell(f"disk: {self._halt_as.name.lower()} inside call {self.calls}")
        raise Halted

    def _goes_wrong(self, often: int) -> bool:
        return often > 0 and self._random.randrange(10_000) < often

    def _failure(self, number: int, text: str) -> OSError:
        self.failures += 1
        self._tell(f"disk: {text}")
        return OSError(number, text)
