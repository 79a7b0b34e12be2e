"""The last 24 hours of frames, one a second, in a file that is a ring.

A second has its place in the ring, whatever came before, so nothing has to be found after a restart. Each
record says which second it is of and has a checksum: what a power cut has torn, and what is of another day,
doesn't count. The file's head carries a version and the names of a frame's numbers; a file that is not like
that is begun anew, as it is a view and no book. It takes room only for the seconds that it has.

Read and written with calls that may fail, and not as memory: a disk that fails must not end the switch.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from switch.console.frame import Frame

SECONDS: Final = 86_400
_FORMAT: Final = "1"
_HEAD_BYTES: Final = 4096
_RECORD: Final = struct.Struct(f"<{len(Frame._fields)}qI4x")
_NUMBERS: Final = struct.Struct(f"<{len(Frame._fields)}q")
_HEAD: Final = f"vafa console history {_FORMAT}\n{SECONDS}\n{' '.join(Frame._fields)}\n".encode().ljust(
    _HEAD_BYTES, b"\0"
)
_FILE_BYTES: Final = _HEAD_BYTES + SECONDS * _RECORD.size
_PIECE_S: Final = 3600
_MS_PER_S: Final = 1000


class History:
    """A ring in `path`, for any thread. What is written outlives the process; it is on the disk when the
    system has written it back."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._begin_unless_known()
        except BaseException:
            os.close(self._file)
            raise

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def put(self, frame: Frame) -> None:
        """Keep the frame of a second, instead of the one a day before. Raises OSError."""
        numbers = _NUMBERS.pack(*frame)
        record = _RECORD.pack(*frame, zlib.crc32(numbers))
        os.pwrite(self._file, record, _place(frame.at_ms // _MS_PER_S))

    def read(self, from_s: int, until_s: int) -> bytes:
        """The records of the seconds from `from_s` until before `until_s`, at most a day of them, for
        `frames_of`. Raises OSError."""
        found = []
        while from_s < until_s:
            count = min(until_s - from_s, SECONDS - from_s % SECONDS)
            piece = os.pread(self._file, count * _RECORD.size, _place(from_s))
            found.append(piece.ljust(count * _RECORD.size, b"\0"))
            from_s += count
        return b"".join(found)

    def since(self, from_s: int, until_s: int) -> Iterator[Frame]:
        """The frames of the seconds from `from_s` until before `until_s`, at most a day of them, in order.
        Raises OSError."""
        for begin_s in range(max(from_s, until_s - SECONDS), until_s, _PIECE_S):
            end_s = min(begin_s + _PIECE_S, until_s)
            yield from frames_of(self.read(begin_s, end_s), begin_s)

    def _begin_unless_known(self) -> None:
        if os.fstat(self._file).st_size == _FILE_BYTES and os.pread(self._file, _HEAD_BYTES, 0) == _HEAD:
            return
        os.ftruncate(self._file, 0)
        os.ftruncate(self._file, _FILE_BYTES)
        os.pwrite(self._file, _HEAD, 0)


def frames_of(records: bytes, from_s: int, first: int = 0, count: int = SECONDS) -> Iterator[Frame]:
    """The frames in what `History.read` has read from `from_s` on: those of `count` seconds from its second
    number `first` on, of which there may be none."""
    end = min(len(records), (first + count) * _RECORD.size)
    for place in range(first * _RECORD.size, end, _RECORD.size):
        *numbers, checksum = _RECORD.unpack_from(records, place)
        if (
            numbers[0] // _MS_PER_S == from_s + place // _RECORD.size
            and zlib.crc32(records[place : place + _NUMBERS.size]) == checksum
        ):
            yield Frame(*numbers)


def _place(second: int) -> int:
    return _HEAD_BYTES + second % SECONDS * _RECORD.size
