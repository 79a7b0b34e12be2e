"""Bytes of a journal segment.

A segment is a header and then batches; behind the last batch only zeros, where the file was preallocated.

    segment header   magic, version, header size, first position, creation time, hash of the last batch of the
                     segment before, key check, CRC
    batch            header (magic, size of its entries, their number, position of the first, CRC), entries,
                     chain hash
    entry            size of the body, CRC, kind, version of the kind, body

The chain hash of a batch is SHA-256 over the hash before it, its header and its entries. A batch without
entries is a seal: the journal goes on in another segment, so a missing newest segment is noticed.
"""

import hashlib
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from switch.journal.faults import JournalCorrupt, JournalVersionUnknown
from switch.journal.system import OPERATING_SYSTEM, System

FORMAT_VERSION = 1
HASH_BYTES = 32
KEY_CHECK_BYTES = 16
GENESIS_HASH = bytes(HASH_BYTES)
FIRST_POSITION = 1

SEGMENT_SUFFIX = ".journal"
UNFINISHED_SUFFIX = ".unfinished"
TORN_SUFFIX = ".torn"
LOCK_NAME = "lock"

ENTRY_BYTES_MAX = 1 << 20
BATCH_BYTES_MAX = 16 << 20

_SEGMENT_MAGIC = b"VAFAJRNL"
_BATCH_MAGIC = b"VBAT"
_SEGMENT_HEADER = struct.Struct(f">8sHHQQ{HASH_BYTES}s{KEY_CHECK_BYTES}sI")
_BATCH_HEADER = struct.Struct(">4sIIQI")
_ENTRY_HEADER = struct.Struct(">IIBB")

SEGMENT_HEADER_BYTES = _SEGMENT_HEADER.size
BATCH_HEADER_BYTES = _BATCH_HEADER.size
ENTRY_HEADER_BYTES = _ENTRY_HEADER.size


class RawEntry(NamedTuple):
    """An entry before its kind is interpreted."""

    position: int
    kind: int
    version: int
    body: bytes


class SegmentHeader(NamedTuple):
    """What a segment says of itself."""

    first_position: int
    created_ms: int
    previous_hash: bytes
    key_check: bytes


class BatchHeader(NamedTuple):
    """What a batch says of itself; `entries_bytes` counts without header and hash."""

    entries_bytes: int
    entry_count: int
    first_position: int

    @property
    def total_bytes(self) -> int:
        return BATCH_HEADER_BYTES + self.entries_bytes + HASH_BYTES


def segment_name(first_position: int) -> str:
    """File name of the segment whose first entry has this position."""
    return f"{first_position:020d}{SEGMENT_SUFFIX}"


def segment_paths(directory: Path, system: System = OPERATING_SYSTEM) -> list[Path]:
    """Segments of a journal, oldest first. Raises OSError where the directory can't be read."""
    return sorted(directory / name for name in system.names(directory) if name.endswith(SEGMENT_SUFFIX))


def pack_segment_header(header: SegmentHeader) -> bytes:
    """Bytes of a segment header."""
    covered = _SEGMENT_HEADER.pack(_SEGMENT_MAGIC, FORMAT_VERSION, SEGMENT_HEADER_BYTES, *header, 0)[:-4]
    return covered + crc32(covered).to_bytes(4, "big")


def unpack_segment_header(data: bytes, path: Path) -> SegmentHeader:
    """Read a segment's header. Raises JournalCorrupt or JournalVersionUnknown."""
    if len(data) < SEGMENT_HEADER_BYTES:
        raise JournalCorrupt("segment is shorter than its header", path, len(data))
    raw = data[:SEGMENT_HEADER_BYTES]
    magic, version, header_bytes, first_position, created_ms, previous_hash, key_check, crc = (
        _SEGMENT_HEADER.unpack(raw)
    )
    if magic != _SEGMENT_MAGIC:
        raise JournalCorrupt("not a journal segment", path, 0)
    if version != FORMAT_VERSION:
        raise JournalVersionUnknown(f"format version {version} is unknown", path, 8)
    if crc != crc32(raw[:-4]) or header_bytes != SEGMENT_HEADER_BYTES:
        raise JournalCorrupt("segment header is damaged", path, 0)
    return SegmentHeader(first_position, created_ms, previous_hash, key_check)


def pack_entry(kind: int, version: int, body: bytes) -> bytes:
    """Bytes of one entry."""
    if len(body) > ENTRY_BYTES_MAX:
        raise ValueError(f"an entry holds at most {ENTRY_BYTES_MAX} bytes")
    return _ENTRY_HEADER.pack(len(body), _entry_crc(kind, version, body), kind, version) + body


def pack_batch(previous_hash: bytes, first_position: int, entries: Sequence[bytes]) -> tuple[bytes, bytes]:
    """A batch of packed entries and its chain hash. Without entries it is a seal."""
    size = sum(map(len, entries))
    header = _BATCH_HEADER.pack(_BATCH_MAGIC, size, len(entries), first_position, 0)[:-4]
    header += crc32(header).to_bytes(4, "big")
    covered = b"".join((header, *entries))
    chain = hashlib.sha256(previous_hash)
    chain.update(covered)
    chain_hash = chain.digest()
    return covered + chain_hash, chain_hash


def unpack_batch_header(data: bytes, offset: int = 0) -> BatchHeader | None:
    """The batch header at `offset`, or None where there is no whole and undamaged one."""
    raw = data[offset : offset + BATCH_HEADER_BYTES]
    if len(raw) < BATCH_HEADER_BYTES or not raw.startswith(_BATCH_MAGIC):
        return None
    _, entries_bytes, entry_count, first_position, crc = _BATCH_HEADER.unpack(raw)
    if crc != crc32(raw[:-4]) or entries_bytes > BATCH_BYTES_MAX:
        return None
    return BatchHeader(entries_bytes, entry_count, first_position)


def find_batch_header(data: bytes, start: int) -> int | None:
    """Offset of the next undamaged batch header at or after `start`."""
    offset = data.find(_BATCH_MAGIC, start)
    while offset >= 0:
        if unpack_batch_header(data, offset) is not None:
            return offset
        offset = data.find(_BATCH_MAGIC, offset + 1)
    return None


def unpack_batch(
    batch: bytes, header: BatchHeader, previous_hash: bytes
) -> tuple[list[RawEntry], bytes] | None:
    """Entries and chain hash of a whole batch, or None where CRCs, sizes or the chain don't agree."""
    covered, chain_hash = batch[:-HASH_BYTES], batch[-HASH_BYTES:]
    if hashlib.sha256(previous_hash + covered).digest() != chain_hash:
        return None
    entries = unpack_entries(covered[BATCH_HEADER_BYTES:], header)
    return None if entries is None else (entries, chain_hash)


def unpack_entries(content: bytes, header: BatchHeader) -> list[RawEntry] | None:
    """Entries of a batch's content, each checked by its CRC; None where they don't fill it exactly."""
    return split(content, header.entry_count, header.first_position, RawEntry)


def split_plainly(
    content: bytes, count: int, first_position: int, form: type[RawEntry]
) -> list[RawEntry] | None:
    """Entries of a batch's content, each checked by its CRC; None where so many don't fill it exactly."""
    entries: list[RawEntry] = []
    offset = 0
    for index in range(count):
        if offset + ENTRY_HEADER_BYTES > len(content):
            return None
        body_bytes, crc, kind, version = _ENTRY_HEADER.unpack_from(content, offset)
        offset += ENTRY_HEADER_BYTES
        body = content[offset : offset + body_bytes]
        if len(body) != body_bytes or _entry_crc(kind, version, body) != crc:
            return None
        entries.append(form(first_position + index, kind, version, body))
        offset += body_bytes
    return entries if offset == len(content) else None


try:
    from switch.journal.flat.splitting import split as split  # noqa: PLC0414  (exported)
except ImportError:  # no C compiler was there at installation
    split = split_plainly


def _entry_crc(kind: int, version: int, body: bytes) -> int:
    return crc32(body, kind << 8 | version)
