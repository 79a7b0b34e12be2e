"""A switch whose disk begins to fail: `python -m tests.switch.journal.failing_switch CALL NUMBER FILE`.

As soon as the file is there, the journal's next system call of this name fails with this error number.
"""

import errno
import os
import sys
from pathlib import Path

from switch.journal.system import OperatingSystem
from switch.main import main

# Nothing is said of what a failed write has written; here it is the half.
_CALLS = ("open", "pwrite", "posix_fallocate", "ftruncate", "fdatasync", "fsync", "rename", "sync_directory")


class FailingSystem(OperatingSystem):
    """The machine's own calls, of which one goes wrong from some moment on."""

    def __init__(self, call: str, number: int, told_by: Path) -> None:
        assert call in _CALLS
        self._call = call
        self._number = number
        self._told_by = told_by

    def open(self, path: Path, flags: int, /) -> int:
        if flags & os.O_CREAT:
            self._fail_if_due("open")
        return super().open(path, flags)

    def pwrite(self, descriptor: int, data: bytes | memoryview, offset: int, /) -> int:
        try:
            self._fail_if_due("pwrite")
        except OSError:
            super().pwrite(descriptor, data[: len(data) // 2], offset)
            raise
        return super().pwrite(descriptor, data, offset)

    def posix_fallocate(self, descriptor: int, offset: int, size: int, /) -> None:
        self._fail_if_due("posix_fallocate")
        super().posix_fallocate(descriptor, offset, size)

    def ftruncate(self, descriptor: int, size: int, /) -> None:
        self._fail_if_due("ftruncate")
        super().ftruncate(descriptor, size)

    def fdatasync(self, descriptor: int, /) -> None:
        self._fail_if_due("fdatasync")
        super().fdatasync(descriptor)

    def fsync(self, descriptor: int, /) -> None:
        self._fail_if_due("fsync")
        super().fsync(descriptor)

    def rename(self, old: Path, new: Path, /) -> None:
        self._fail_if_due("rename")
        super().rename(old, new)

    def sync_directory(self, directory: Path, /) -> None:
        self._fail_if_due("sync_directory")
        super().sync_directory(directory)

    def _fail_if_due(self, call: str) -> None:
        if call == self._call and self._told_by.exists():
            raise OSError(self._number, os.strerror(self._number))


if __name__ == "__main__":
    _, name, number_name, path = sys.argv
    sys.exit(main(FailingSystem(name, getattr(errno, number_name), Path(path))))
