"""What a journal asks of the operating system; a disk that fails or forgets can be put in its place."""

import fcntl
import os
from pathlib import Path
from typing import Protocol

_MODE = 0o600


class System(Protocol):
    """The calls that a journal makes, named as POSIX names them. Each may raise OSError, and what it raises
    is taken as the disk's word.

    Descriptors are closed on exec. Offsets and sizes are bytes.
    """

    def make_directory(self, directory: Path, /) -> None:
        """Have a directory and its parents, where they aren't there yet."""

    def names(self, directory: Path, /) -> list[str]:
        """Names of what a directory holds, in any order."""

    def read(self, path: Path, /) -> bytes:
        """A whole file."""

    def open(self, path: Path, flags: int, /) -> int:
        """A descriptor; a file that is made is for its owner only."""

    def close(self, descriptor: int, /) -> None:
        """Give a descriptor back, and the lock that it holds."""

    def lock(self, descriptor: int, /) -> None:
        """Keep every other process out. Raises BlockingIOError where one is in already."""

    def pread(self, descriptor: int, size: int, offset: int, /) -> bytes:
        """Up to `size` bytes, fewer at the end of the file."""

    def pwrite(self, descriptor: int, data: bytes | memoryview, offset: int, /) -> int:
        """Write, and tell how much of it was."""

    def posix_fallocate(self, descriptor: int, offset: int, size: int, /) -> None:
        """Have room for bytes, zeros where there were none."""

    def ftruncate(self, descriptor: int, size: int, /) -> None:
        """Cut off what is behind."""

    def fdatasync(self, descriptor: int, /) -> None:
        """Return when what the file holds is durable."""

    def fsync(self, descriptor: int, /) -> None:
        """The same, with all that is told of the file."""

    def rename(self, old: Path, new: Path, /) -> None:
        """Give a file another name in its directory."""

    def unlink(self, path: Path, /) -> None:
        """Take a name away."""

    def sync_directory(self, directory: Path, /) -> None:
        """Return when the names in a directory are durable."""

    def free_bytes(self, directory: Path, /) -> int:
        """Room that is left for an ordinary process."""


class OperatingSystem:
    """The machine's own calls."""

    def make_directory(self, directory: Path, /) -> None:
        directory.mkdir(parents=True, exist_ok=True)

    def names(self, directory: Path, /) -> list[str]:
        return [path.name for path in directory.iterdir()]

    def read(self, path: Path, /) -> bytes:
        return path.read_bytes()

    def open(self, path: Path, flags: int, /) -> int:
        return os.open(path, flags | os.O_CLOEXEC, _MODE)

    def close(self, descriptor: int, /) -> None:
        os.close(descriptor)

    def lock(self, descriptor: int, /) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def pread(self, descriptor: int, size: int, offset: int, /) -> bytes:
        return os.pread(descriptor, size, offset)

    def pwrite(self, descriptor: int, data: bytes | memoryview, offset: int, /) -> int:
        return os.pwrite(descriptor, data, offset)

    def posix_fallocate(self, descriptor: int, offset: int, size: int, /) -> None:
        os.posix_fallocate(descriptor, offset, size)

    def ftruncate(self, descriptor: int, size: int, /) -> None:
        os.ftruncate(descriptor, size)

    def fdatasync(self, descriptor: int, /) -> None:
        os.fdatasync(descriptor)

    def fsync(self, descriptor: int, /) -> None:
        os.fsync(descriptor)

    def rename(self, old: Path, new: Path, /) -> None:
        old.rename(new)

    def unlink(self, path: Path, /) -> None:
        path.unlink()

    def sync_directory(self, directory: Path, /) -> None:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def free_bytes(self, directory: Path, /) -> int:
        room = os.statvfs(directory)
        return room.f_bavail * room.f_frsize


OPERATING_SYSTEM = OperatingSystem()
