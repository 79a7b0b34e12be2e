"""The system calls that a journal makes, answered by a simulated disk."""

import errno
import os
from pathlib import Path

from simulator.world.disk import Handle, SimulatedDisk

DIRECTORY = Path("/simulated/journal")
# Nobody looks at how full a simulated disk is; that a call finds no room is one of its faults.
_FREE_BYTES = 1 << 40


class DiskCalls:
    """A `switch.journal.system.System` with one directory, of which files are known by their names alone."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self._disk = disk

    def make_directory(self, _directory: Path, /) -> None:
        """The one directory is always there."""

    def names(self, _directory: Path, /) -> list[str]:
        return list(self._disk.files)

    def read(self, path: Path, /) -> bytes:
        file = self._disk.files.get(path.name)
        if file is None:
            raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
        return bytes(file.content)

    def open(self, path: Path, flags: int, /) -> int:
        file = self._disk.files.get(path.name)
        if file is None:
            if not flags & os.O_CREAT:
                raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
            file = self._disk.create(path.name)
        elif flags & os.O_TRUNC:
            file.resize(0)
        return self._disk.open_handle(Handle(file, path.name))

    def close(self, descriptor: int, /) -> None:
        """Forget a descriptor; one that a halt took away is no error."""
        self._disk.handles.pop(descriptor, None)

    def lock(self, _descriptor: int, /) -> None:
        """Nobody else is there to lock out."""

    def pread(self, descriptor: int, size: int, offset: int, /) -> bytes:
        return bytes(self._disk.file_of(descriptor).content[offset : offset + size])

    def pwrite(self, descriptor: int, data: bytes | memoryview, offset: int, /) -> int:
        return self._disk.write(descriptor, bytes(data), offset)

    def posix_fallocate(self, descriptor: int, offset: int, size: int, /) -> None:
        self._disk.reserve(descriptor, offset, size)

    def ftruncate(self, descriptor: int, size: int, /) -> None:
        self._disk.resize(descriptor, size)

    def fdatasync(self, descriptor: int, /) -> None:
        self._disk.sync(descriptor)

    def fsync(self, descriptor: int, /) -> None:
        self._disk.sync(descriptor)

    def rename(self, old: Path, new: Path, /) -> None:
        self._disk.rename(old.name, new.name)

    def unlink(self, path: Path, /) -> None:
        self._disk.unlink(path.name)

    def sync_directory(self, _directory: Path, /) -> None:
        descriptor = self._disk.open_handle(Handle(None))
        try:
            self._disk.sync(descriptor)
        finally:
            self.close(descriptor)

    def free_bytes(self, _directory: Path, /) -> int:
        return _FREE_BYTES
