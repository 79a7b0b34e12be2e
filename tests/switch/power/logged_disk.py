"""A disk that writes down everything it is told, so that any moment of it can be had again.

It is a file of a FUSE file system that lives in this process (the kernel's protocol is linux/fuse.h); a loop
device over it makes a real block device, of which the kernel's flushes come here as syncs of the file.
"""

import ctypes
import errno
import os
import stat
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

PAGE_BYTES = 4096
FILE_NAME = "disk"

_ROOT, _FILE = 1, 2
_IN_HEADER = struct.Struct("<IIQQIIIHH")
_OUT_HEADER = struct.Struct("<IiQ")
_INIT_OUT = struct.Struct("<IIIIHHIIHHIIH22x")
_ATTRIBUTES = struct.Struct("<QQQQQQ10I")
_ENTRY_HEAD = struct.Struct("<QQQQII")
_OPEN_OUT = struct.Struct("<QIi")
_TRANSFER_IN = struct.Struct("<QQIIQII")
_LOOKUP, _FORGET, _GETATTR, _SETATTR, _OPEN, _READ, _WRITE = 1, 2, 3, 4, 14, 15, 16
_RELEASE, _FSYNC, _FLUSH, _INIT, _ACCESS, _DESTROY, _BATCH_FORGET = 18, 20, 25, 26, 34, 38, 42
_MAJOR, _MINOR = 7, 31
_BIG_WRITES = 1 << 5
_DIRECT_IO = 1
_WRITE_BYTES_MAX = 128 << 10
_MESSAGE_BYTES_MAX = _WRITE_BYTES_MAX + 4096

_MS_NOSUID_NODEV = 2 | 4
_MNT_DETACH = 2


class Write(NamedTuple):
    """Bytes that came; they are durable when the next flush has been answered."""

    offset: int
    data: bytes


FLUSH = None
Event = Write | None


class LoggedDisk:
    """Serves one file to the kernel.

    `events` is everything that was asked of it so far, in order. Where `is_broken`, it answers every write
    and flush with an I/O error.
    """

    def __init__(self, image: bytes) -> None:
        self._content = bytearray(image)
        self._base = bytes(image)
        self.events: list[Event] = []
        self.is_broken = False

    def serve(self, device: int) -> None:
        """Answer the kernel until the file system is unmounted."""
        while True:
            try:
                message = os.read(device, _MESSAGE_BYTES_MAX)
            except OSError as error:
                if error.errno == errno.ENODEV:
                    return
                if error.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                    continue
                raise
            _, opcode, unique, node, *_ = _IN_HEADER.unpack_from(message)
            if opcode in (_FORGET, _BATCH_FORGET):
                continue
            try:
                answer, number = self._answer(opcode, node, message[_IN_HEADER.size :]), 0
            except OSError as error:
                answer, number = b"", -(error.errno or errno.EIO)
            os.write(device, _OUT_HEADER.pack(_OUT_HEADER.size + len(answer), number, unique) + answer)

    def image_at(self, moment: int, random: Random) -> bytes:
        """What a power cut after so many events leaves: everything flushed, any pages of the rest."""
        flushed = max((index for index in range(moment) if self.events[index] is FLUSH), default=0)
        image = bytearray(self._base)
        for index, event in enumerate(self.events[:moment]):
            if event is None:
                continue
            offset, data = event
            for start in range(0, len(data), PAGE_BYTES):
                if index < flushed or random.random() < 0.5:
                    page = data[start : start + PAGE_BYTES]
                    image[offset + start : offset + start + len(page)] = page
        return bytes(image)

    def _answer(self, opcode: int, node: int, body: bytes) -> bytes:
        if opcode == _INIT:
            return _INIT_OUT.pack(
                _MAJOR, _MINOR, _WRITE_BYTES_MAX, _BIG_WRITES, 16, 12, _WRITE_BYTES_MAX, 1, 0, 0, 0, 0, 0
            )
        if opcode == _LOOKUP:
            if body.rstrip(b"\0") != FILE_NAME.encode("ascii"):
                raise OSError(errno.ENOENT, "no such file")
            return _ENTRY_HEAD.pack(_FILE, 0, 3600, 3600, 0, 0) + self._attributes(_FILE)
        if opcode in (_GETATTR, _SETATTR):
            return struct.pack("<QII", 3600, 0, 0) + self._attributes(node)
        if opcode == _OPEN:
            return _OPEN_OUT.pack(0, _DIRECT_IO, 0)
        if opcode == _READ:
            _, offset, size, *_ = _TRANSFER_IN.unpack_from(body)
            return bytes(self._content[offset : offset + size])
        if opcode == _WRITE:
            return self._write(body)
        if opcode == _FSYNC:
            self._refuse_if_broken()
            self.events.append(FLUSH)
            return b""
        if opcode in (_RELEASE, _FLUSH, _ACCESS, _DESTROY):
            return b""
        raise OSError(errno.ENOSYS, "not of this disk")

    def _write(self, body: bytes) -> bytes:
        self._refuse_if_broken()
        _, offset, size, *_ = _TRANSFER_IN.unpack_from(body)
        data = body[_TRANSFER_IN.size : _TRANSFER_IN.size + size]
        if offset + size > len(self._content):
            raise OSError(errno.ENOSPC, "behind the end of the disk")
        self._content[offset : offset + size] = data
        self.events.append(Write(offset, data))
        return struct.pack("<II", size, 0)

    def _refuse_if_broken(self) -> None:
        if self.is_broken:
            raise OSError(errno.EIO, "broken")

    def _attributes(self, node: int) -> bytes:
        is_root = node == _ROOT
        size = 0 if is_root else len(self._content)
        mode = stat.S_IFDIR | 0o755 if is_root else stat.S_IFREG | 0o600
        return _ATTRIBUTES.pack(node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, PAGE_BYTES, 0)


@contextmanager
def served(disk: LoggedDisk, directory: Path) -> Iterator[Path]:
    """Mount the file system of a disk on a directory; gives the path of its file."""
    libc = ctypes.CDLL(None, use_errno=True)
    device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
    thread = threading.Thread(target=disk.serve, args=(device,), daemon=True)
    try:
        if libc.mount(b"vafa", os.fsencode(directory), b"fuse", _MS_NOSUID_NODEV, options.encode("ascii")):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(directory))
        thread.start()
        try:
            yield directory / FILE_NAME
        finally:
            libc.umount2(os.fsencode(directory), _MNT_DETACH)
            thread.join(30)
            assert not thread.is_alive()
    finally:
        os.close(device)
