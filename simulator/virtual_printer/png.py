"""Bitmaps as PNG (ISO/IEC 15948), one bit a dot, black on white."""

import struct
import zlib
from collections.abc import Sequence


def png(rows: Sequence[bytes], width_dots: int) -> bytes:
    """A PNG of rows of packed dots, the leftmost dot highest, 1 for black."""
    head = struct.pack(">IIBBBBB", width_dots, len(rows), 1, 0, 0, 0, 0)
    # In greyscale 1 is white. Each row begins with its filter: none.
    lines = b"".join(b"\x00" + bytes(value ^ 0xFF for value in row) for row in rows)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
