"""Texts and tags within an entry: a text has its length in one byte before it, a tag its kind and length."""

import struct
from collections.abc import Iterable
from functools import lru_cache

from protocol.dialect import Tag

Tags = tuple[tuple[str, str], ...]
RecordTags = tuple[tuple[str, str | bytes], ...]

_TAG_BYTES = {tag.value: bytes.fromhex(tag) for tag in Tag}
_TAG_NAMES = {raw: name for name, raw in _TAG_BYTES.items()}
_TAG_HEAD = struct.Struct(">2sBH")
_IS_TEXT, _IS_BYTES = 0, 1


def pack_text(text: str) -> bytes:
    """A text of at most 255 bytes of UTF-8; a longer one raises ValueError."""
    raw = text.encode("utf-8")
    return bytes((len(raw),)) + raw


def unpack_text(body: bytes, offset: int) -> tuple[str, int]:
    """The text at an offset and the offset behind it."""
    start = offset + 1
    end = start + body[offset]
    if end > len(body):
        raise ValueError("text runs over the end")
    return _shared_text(body[start:end]), end


@lru_cache(maxsize=65_536)
def padded_text(padded: bytes) -> str:
    """ASCII text of a fixed field, without its padding."""
    return padded.rstrip(b"\0").decode("ascii")


@lru_cache(maxsize=65_536)
def _shared_text(raw: bytes) -> str:
    """Texts of entries are few and come again and again: each is one object."""
    return raw.decode("utf-8")


def pack_tags(tags: Iterable[tuple[str, str | bytes]]) -> bytes:
    """Tags in their order, at most 255."""
    parts: list[bytes] = []
    for tag, content in tags:
        if isinstance(content, str):
            raw = content.encode("utf-8")
            parts += (_TAG_HEAD.pack(_TAG_BYTES[tag], _IS_TEXT, len(raw)), raw)
        else:
            parts += (_TAG_HEAD.pack(_TAG_BYTES[tag], _IS_BYTES, len(content)), content)
    return bytes((len(parts) // 2,)) + b"".join(parts)


def unpack_tags(body: bytes, offset: int) -> tuple[Tags, int]:
    """Tags that are all text, and the offset behind them."""
    tags = []
    count, offset = body[offset], offset + 1
    for _ in range(count):
        raw, kind, length = _TAG_HEAD.unpack_from(body, offset)
        offset += _TAG_HEAD.size + length
        if kind != _IS_TEXT or offset > len(body):
            raise ValueError("not a tag of text, or cut off")
        tags.append((_TAG_NAMES[raw], body[offset - length : offset].decode("utf-8")))
    return tuple(tags), offset


def unpack_record_tags(body: bytes, offset: int) -> tuple[RecordTags, int]:
    """Tags of text and bytes, and the offset behind them."""
    tags: list[tuple[str, str | bytes]] = []
    count, offset = body[offset], offset + 1
    for _ in range(count):
        raw, kind, length = _TAG_HEAD.unpack_from(body, offset)
        offset += _TAG_HEAD.size + length
        if kind not in (_IS_TEXT, _IS_BYTES) or offset > len(body):
            raise ValueError("not a known kind of tag, or cut off")
        content = body[offset - length : offset]
        tags.append((_TAG_NAMES[raw], content if kind == _IS_BYTES else content.decode("utf-8")))
    return tuple(tags), offset
