"""The system calls that the journal makes, answered by a simulated disk.

`mounted` is the one place where a module of the product is told to use them.
"""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PosixPath
from typing import IO, cast

from simulator.world.disk import Handle, SimulatedDisk
from switch.journal import reader, writer

DIRECTORY = "/simulated/journal"


class DiskCalls:
    """What the journal uses of `os`, by the same names."""

    O_RDONLY, O_RDWR, O_CREAT = os.O_RDONLY, os.O_RDWR, os.O_CREAT
    O_TRUNC, O_EXCL, O_CLOEXEC, O_DIRECTORY = os.O_TRUNC, os.O_EXCL, os.O_CLOEXEC, os.O_DIRECTORY
    O_WRONLY = os.O_WRONLY

    def __init__(self, disk: SimulatedDisk) -> None:
        self._disk = disk

    def open(self, path: Path, flags: int, _mode: int = 0o777) -> int:
        """A descriptor of a file, or of the directory."""
        if flags & os.O_DIRECTORY or str(path) == DIRECTORY:
            return self._disk.open_handle(Handle(None))
        file = self._disk.files.get(path.name)
        if file is None:
            if not flags & os.O_CREAT:
                raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
            file = self._disk.create(path.name)
        elif flags & os.O_EXCL:
            raise FileExistsError(errno.EEXIST, "file exists", str(path))
        elif flags & os.O_TRUNC:
            file.resize(0)
        return self._disk.open_handle(Handle(file, path.name))

    def close(self, descriptor: int) -> None:
        """Forget a descriptor; one that a halt took away is no error."""
        self._disk.handles.pop(descriptor, None)

    def pwrite(self, descriptor: int, data: bytes | bytearray | memoryview, offset: int) -> int:
        return self._disk.write(descriptor, bytes(data), offset)

    def pread(self, descriptor: int, size: int, offset: int) -> bytes:
        return bytes(self._disk.file_of(descriptor).content[offset : offset + size])

    def fdatasync(self, descriptor: int) -> None:
        self._disk.sync(descriptor)

    def fsync(self, descriptor: int) -> None:
        self._disk.sync(descriptor)

    def ftruncate(self, descriptor: int, size: int) -> None:
        self._disk.resize(descriptor, size)

    def posix_fallocate(self, descriptor: int, offset: int, size: int) -> None:
        self._disk.reserve(descriptor, offset, size)


class LockCalls:
    """What the journal uses of `fcntl`: nobody else is there to lock out."""

    LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN = 2, 4, 1, 8

    def flock(self, _descriptor: int, _operation: int) -> None:
        """Always granted."""


class DiskPath(PosixPath):
    """A path whose files lie on the simulated disk of its class; see `journal_directory`."""

    disk: SimulatedDisk

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """The one directory is always there."""

    def is_dir(self) -> bool:
        return str(self) == DIRECTORY

    def exists(self) -> bool:
        return str(self) == DIRECTORY or self.name in self.disk.files

    def read_bytes(self) -> bytes:
        file = self.disk.files.get(self.name)
        if file is None:
            raise FileNotFoundError(errno.ENOENT, "no such file", str(self))
        return bytes(file.content)

    def glob(self, pattern: str) -> Iterator["DiskPath"]:  # type: ignore[override]
        for name in sorted(self.disk.files):
            path = self / name
            if path.match(pattern):
                yield path

    def rename(self, target: str | os.PathLike[str]) -> "DiskPath":
        path = type(self)(target)
        self.disk.rename(self.name, path.name)
        return path

    def replace(self, target: str | os.PathLike[str]) -> "DiskPath":
        return self.rename(target)

    def unlink(self, missing_ok: bool = False) -> None:
        if self.name in self.disk.files or not missing_ok:
            self.disk.unlink(self.name)

    def open(  # type: ignore[override]
        self,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[bytes]:
        if mode == "rb":
            return io.BytesIO(self.read_bytes())
        if mode != "wb":
            raise OSError(errno.EINVAL, "only whole binary files")
        file = self.disk.files.get(self.name)
        if file is None:
            file = self.disk.create(self.name)
        else:
            file.resize(0)
        return _Written(self.disk, Handle(file, self.name))


class _Written(io.BytesIO):
    """A file that is written from its start."""

    def __init__(self, disk: SimulatedDisk, handle: Handle) -> None:
        super().__init__()
        self._disk = disk
        self._descriptor = disk.open_handle(handle)

    def fileno(self) -> int:
        return self._descriptor

    def flush(self) -> None:
        if not self.closed and self._descriptor in self._disk.handles:
            content, offset = self.getvalue(), 0
            while offset < len(content):
                offset += self._disk.write(self._descriptor, content[offset:], offset)

    def close(self) -> None:
        self._disk.handles.pop(self._descriptor, None)
        super().close()


def journal_directory(disk: SimulatedDisk) -> Path:
    """The directory of a disk, as a path that the journal can use."""
    bound = cast(type[DiskPath], type("BoundDiskPath", (DiskPath,), {"disk": disk, "__slots__": ()}))
    return bound(DIRECTORY)


@contextmanager
def mounted(disk: SimulatedDisk) -> Iterator[None]:
    """Have the journal make its system calls here instead of to the operating system."""
    calls, locks = DiskCalls(disk), LockCalls()
    places = ((writer, "os", calls), (reader, "os", calls), (writer, "fcntl", locks))
    before = [(module, name, getattr(module, name)) for module, name, _ in places]
    try:
        for module, name, replacement in places:
            setattr(module, name, replacement)
        yield
    finally:
        for module, name, original in before:
            setattr(module, name, original)
