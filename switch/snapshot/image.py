"""Bytes of an image: a state, and where in the journal it stands.

    header    magic, version, header size, position, chain hash, key check, digest of the state, time of
              creation, CRC
    sections  name (four letters), size, columns (see `columns`); all of them, in the order of SECTIONS
    hash      SHA-256 over everything before it

Numbers of the header and sizes of sections are big-endian. The same state gives the same sections, whichever
engine has it.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from switch.journal.format import HASH_BYTES, KEY_CHECK_BYTES, segment_name
from switch.journal.reader import IndexPoint
from switch.ledger.records import TerminalRecord
from switch.ledger.state import State
from switch.ledger.stores import Engine
from switch.rules.packing import RuleTableFault
from switch.snapshot.balances import (
    dump_accounts,
    dump_counters,
    dump_lots,
    load_accounts,
    load_counters,
    load_lots,
)
from switch.snapshot.columns import ColumnFault, ColumnReader, ColumnWriter
from switch.snapshot.days import dump_days, dump_tables, load_days, load_tables
from switch.snapshot.faults import SnapshotDamaged, SnapshotVersionUnknown
from switch.snapshot.open_orders import dump_orders, load_orders
from switch.snapshot.open_sales import dump_holds, dump_returns, load_holds, load_returns
from switch.snapshot.records import (
    dump_cards,
    dump_member_texts,
    dump_members,
    dump_purchases,
    dump_terminals,
    load_cards,
    load_member_texts,
    load_members,
    load_purchases,
    load_terminals,
)
from switch.snapshot.requests import dump_windows, load_windows

FORMAT_VERSION = 3
# How many of the last sections images of older versions lack: texts of members, and orders of operators.
_SECTIONS_LACKING = {FORMAT_VERSION: 0, 2: 1, 1: 2}

_MAGIC = b"VAFASNAP"
_HEADER = struct.Struct(f">8sHHQ{HASH_BYTES}s{KEY_CHECK_BYTES}s32sQI")
_SECTION = struct.Struct(">4sQ")
_INDEX = b"INDX"
HEADER_BYTES = _HEADER.size

_Dump = Callable[[State, ColumnWriter], None]
_Load = Callable[[State, ColumnReader], None]

SECTIONS: tuple[tuple[bytes, _Dump, _Load], ...] = (
    (b"RULE", dump_tables, load_tables),
    (b"ACCT", dump_accounts, load_accounts),
    (b"LOTS", dump_lots, load_lots),
    (b"CNTR", dump_counters, load_counters),
    (b"MEMB", dump_members, load_members),
    (b"CARD", dump_cards, load_cards),
    (b"PURC", dump_purchases, load_purchases),
    (b"TERM", dump_terminals, load_terminals),
    (b"WIND", dump_windows, load_windows),
    (b"HOLD", dump_holds, load_holds),
    (b"RETN", dump_returns, load_returns),
    (b"DAYS", dump_days, load_days),
    (b"ORDR", dump_orders, load_orders),
    (b"TEXT", dump_member_texts, load_member_texts),
)


class ImageHeader(NamedTuple):
    """What an image says of itself.

    `position` is that of the last entry folded, `chain_hash` that of the batch which this entry ends,
    `key_check` tells journals of other master keys, `digest` is that of the state.
    """

    position: int
    chain_hash: bytes
    key_check: bytes
    digest: bytes
    created_ms: int


class Image(NamedTuple):
    """An image that was loaded. `points` are the journal's sparse index up to its position."""

    header: ImageHeader
    state: State
    points: Sequence[IndexPoint]


def pack_image(header: ImageHeader, state: State, points: Iterable[IndexPoint]) -> Iterator[bytes]:
    """All bytes of an image, in pieces. Raises OverflowError for what has more than 64 bits."""
    covered = _HEADER.pack(_MAGIC, FORMAT_VERSION, HEADER_BYTES, *header, 0)[:-4]
    checksum = hashlib.sha256()
    for part in _parts(covered + crc32(covered).to_bytes(4, "big"), state, points):
        checksum.update(part)
        yield part
    yield checksum.digest()


def unpack_header(data: bytes, path: Path) -> ImageHeader:
    """Header of an image, once all of it was checked. Raises SnapshotDamaged, SnapshotVersionUnknown."""
    covered = memoryview(data)[:-HASH_BYTES]
    if len(covered) < HEADER_BYTES or hashlib.sha256(covered).digest() != data[-HASH_BYTES:]:
        raise SnapshotDamaged("damaged or cut off", path)
    magic, version, header_bytes, *fields, crc = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise SnapshotDamaged("not a snapshot", path)
    if version not in _SECTIONS_LACKING:
        raise SnapshotVersionUnknown(f"format version {version} is unknown", path)
    if crc != crc32(data[: HEADER_BYTES - 4]) or header_bytes != HEADER_BYTES:
        raise SnapshotDamaged("header is damaged", path)
    return ImageHeader(*fields)


def load_image(data: bytes, path: Path, host: TerminalRecord, engine: Engine | None = None) -> Image:
    """A new state from an image's bytes; all of them are checked first.

    `host` and `engine` are those of `State`. Raises SnapshotDamaged, SnapshotVersionUnknown.
    """
    header = unpack_header(data, path)
    state = State(host, engine)
    try:
        sections = _sections(memoryview(data)[HEADER_BYTES:-HASH_BYTES])
        for name, _, load in SECTIONS[: len(SECTIONS) - _SECTIONS_LACKING[_version(data)]]:
            columns = _named(sections, name)
            load(state, columns)
            columns.end()
        columns = _named(sections, _INDEX)
        points = _load_points(columns, path.parent)
        columns.end()
        if next(sections, None) is not None:
            raise ColumnFault("sections are left over")
    except (ValueError, IndexError, KeyError, OverflowError, RuleTableFault) as fault:
        raise SnapshotDamaged(f"its content doesn't fit together ({fault})", path) from None
    state.resume(header.position, state.member_number_max)
    return Image(header, state, points)


def _version(data: bytes) -> int:
    return int.from_bytes(data[len(_MAGIC) : len(_MAGIC) + 2], "big")


def _parts(header: bytes, state: State, points: Iterable[IndexPoint]) -> Iterator[bytes]:
    yield header
    for name, dump, _ in SECTIONS:
        out = ColumnWriter()
        dump(state, out)
        yield from _section(name, out)
    out = ColumnWriter()
    _dump_points(points, out)
    yield from _section(_INDEX, out)


def _section(name: bytes, out: ColumnWriter) -> Iterator[bytes]:
    parts = out.parts()
    yield _SECTION.pack(name, sum(map(len, parts)))
    yield from parts


def _sections(data: memoryview) -> Iterator[tuple[bytes, ColumnReader]]:
    offset = 0
    while offset < len(data):
        if len(data) - offset < _SECTION.size:
            raise ColumnFault("a section is cut off")
        name, size = _SECTION.unpack_from(data, offset)
        offset += _SECTION.size
        if size > len(data) - offset:
            raise ColumnFault("a section is cut off")
        yield name, ColumnReader(data[offset : offset + size])
        offset += size


def _named(sections: Iterator[tuple[bytes, ColumnReader]], wanted: bytes) -> ColumnReader:
    name, columns = next(sections, (b"", None))
    if name != wanted or columns is None:
        raise ColumnFault(f"section {wanted.decode()} is missing")
    return columns


def _dump_points(points: Iterable[IndexPoint], out: ColumnWriter) -> None:
    """First position of the segment, position and offset of each point."""
    found = list(points)
    out.number(len(found))
    out.numbers([int(point.path.stem) for point in found])
    out.numbers([point.position for point in found])
    out.numbers([point.offset for point in found])


def _load_points(columns: ColumnReader, directory: Path) -> list[IndexPoint]:
    count = columns.count()
    firsts, positions, offsets = columns.numbers(count), columns.numbers(count), columns.numbers(count)
    if list(positions) != sorted(set(positions)):
        raise ColumnFault("the index is out of order")
    paths = {first: directory / segment_name(first) for first in set(firsts)}
    return [
        IndexPoint(position, paths[first], offset)
        for first, position, offset in zip(firsts, positions, offsets, strict=True)
    ]
