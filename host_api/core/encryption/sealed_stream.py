"""Seals contents of any length in chunks: written once from front to back, read from anywhere.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015) over AES-256-GCM. Each stream has a
key of its own, derived from a field key of its programme and a random salt; a chunk's nonce is its number and
whether it is the last. So chunks can't be changed, moved, doubled, taken out or cut off without notice.

Header: version (1 byte), number of the field key (4), salt (32). Then chunks of 64 KiB, the last one shorter
or empty, each followed by its tag. The header and the place are authenticated with every chunk, and with the
last one what the content is called, which needn't be known before the end.
"""

import io
import os
from collections.abc import Callable
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from host_api.core.encryption.envelope import RandomBytes, SealFault, SealFaultReason
from host_api.core.encryption.programme_keys import KeyPurpose, ProgrammeKeys, derived

CHUNK_BYTES: Final = 65_536

_VERSION: Final = b"\x01"
_SALT_BYTES: Final = 32
_HEADER_BYTES: Final = 1 + 4 + _SALT_BYTES
_TAG_BYTES: Final = 16
_SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + _TAG_BYTES
_MOST_CHUNKS: Final = 1 << 32


class StreamCipher:
    """Seals and opens streams with the field keys of the programmes."""

    def __init__(self, keys: ProgrammeKeys, random_bytes: RandomBytes = os.urandom) -> None:
        self._keys = keys
        self._random_bytes = random_bytes

    def writer(self, programme_id: int, place: str, write: Callable[[bytes], object]) -> "StreamWriter":
        """A writer that gives sealed bytes to `write`, to be opened at `place` of the programme only.

        Raises:
            SealFault: key, for a programme without keys.
        """
        key = self._keys.active(programme_id, KeyPurpose.FIELD)
        header = _VERSION + key.number.to_bytes(4) + self._random_bytes(_SALT_BYTES)
        return StreamWriter(_Chunks(derived(key, _label(header)), header, programme_id, place), header, write)

    def is_current(self, programme_id: int, file: BinaryIO) -> bool:
        """Whether a stream that begins at the file's position was sealed by the key that seals now.

        Raises:
            SealFault: key, for a programme without keys.
        """
        header = file.read(_HEADER_BYTES)
        return header[1:5] == self._keys.active(programme_id, KeyPurpose.FIELD).number.to_bytes(4)

    def reader(self, programme_id: int, place: str, name: bytes, file: BinaryIO) -> "StreamReader":
        """What was sealed for `place` under `name`, readable and seekable; it closes `file` with itself.

        Raises:
            SealFault: version, key or damaged.
        """
        header = file.read(_HEADER_BYTES)
        if header[:1] != _VERSION:
            raise SealFault(SealFaultReason.VERSION)
        if len(header) < _HEADER_BYTES:
            raise SealFault(SealFaultReason.DAMAGED)
        key = self._keys.numbered(programme_id, KeyPurpose.FIELD, int.from_bytes(header[1:5]))
        return StreamReader(_Chunks(derived(key, _label(header)), header, programme_id, place), name, file)


class _Chunks:
    """The key of one stream."""

    def __init__(self, secret: bytes, header: bytes, programme_id: int, place: str) -> None:
        self._aead = AESGCM(secret)
        self._bound = header + programme_id.to_bytes(8) + place.encode() + b"\0"

    def seal(self, number: int, plain: bytes, last_name: bytes | None) -> bytes:
        return self._aead.encrypt(_nonce(number, last_name), plain, self._bound + (last_name or b""))

    def open(self, number: int, sealed: bytes, last_name: bytes | None) -> bytes:
        try:
            return self._aead.decrypt(_nonce(number, last_name), sealed, self._bound + (last_name or b""))
        except InvalidTag:
            raise SealFault(SealFaultReason.DAMAGED) from None


class StreamWriter:
    """Seals what it is given; `finish` seals the last chunk, without which nothing can be read."""

    def __init__(self, chunks: _Chunks, header: bytes, write: Callable[[bytes], object]) -> None:
        self._chunks = chunks
        self._write = write
        self._pending = bytearray()
        self._number = 0
        write(header)

    def write(self, data: bytes) -> None:
        """Append `data`."""
        self._pending += data
        while len(self._pending) > CHUNK_BYTES:  # a full chunk stays until it is known not to be the last
            self._seal(bytes(self._pending[:CHUNK_BYTES]), None)
            del self._pending[:CHUNK_BYTES]

    def finish(self, name: bytes) -> None:
        """Seal what is left, and call the whole `name`."""
        self._seal(bytes(self._pending), name)
        self._pending.clear()

    def _seal(self, plain: bytes, last_name: bytes | None) -> None:
        if self._number >= _MOST_CHUNKS:
            raise OverflowError("a stream has at most 2^32 chunks")
        self._write(self._chunks.seal(self._number, plain, last_name))
        self._number += 1


class StreamReader(io.RawIOBase):
    """The content of a sealed stream. Reading raises SealFault (damaged) where it was tampered with."""

    def __init__(self, chunks: _Chunks, name: bytes, file: BinaryIO) -> None:
        super().__init__()
        self._name = name
        self._chunks = chunks
        self._file = file
        body_bytes = file.seek(0, os.SEEK_END) - _HEADER_BYTES
        full, rest = divmod(body_bytes, _SEALED_CHUNK_BYTES)
        last_bytes = rest - _TAG_BYTES
        if not rest:  # the last chunk is a full one
            full, last_bytes = full - 1, CHUNK_BYTES
        if full < 0 or last_bytes < 0:
            raise SealFault(SealFaultReason.DAMAGED)
        self._last = full
        self.size = full * CHUNK_BYTES + last_bytes
        self._position = 0
        self._opened: tuple[int, bytes] | None = None
        self._chunk(self._last)  # a stream that was cut is refused before any of it is read

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The position."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position; one beyond the end reads nothing."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]
        """Fill `buffer` from the position on, up to the chunk's end."""
        number, start = divmod(self._position, CHUNK_BYTES)
        if self._position >= self.size:
            return 0
        part = self._chunk(number)[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def close(self) -> None:
        """Close the file beneath too."""
        self._opened = None
        self._file.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._opened is None or self._opened[0] != number:
            self._file.seek(_HEADER_BYTES + number * _SEALED_CHUNK_BYTES)
            sealed = self._file.read(_SEALED_CHUNK_BYTES)
            last_name = self._name if number == self._last else None
            self._opened = number, self._chunks.open(number, sealed, last_name)
        return self._opened[1]


def _label(header: bytes) -> bytes:
    return b"vafa stream 1\0" + header


def _nonce(number: int, last_name: bytes | None) -> bytes:
    return bytes(7) + number.to_bytes(4) + bytes([last_name is not None])
