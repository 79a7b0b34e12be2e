"""The parts in which rule tables travel: what a message says of one, and those of a table asked for."""

from collections.abc import Mapping
from typing import NamedTuple, Self

from protocol.dialect import Tag
from protocol.rule_parts import PART_BYTES_MAX
from switch.journal.format import ENTRY_BYTES_MAX

# A deflated table becomes one journal entry, which has some bytes more.
DEFLATED_BYTES_MAX = ENTRY_BYTES_MAX - 4096
PARTS_MAX = DEFLATED_BYTES_MAX // PART_BYTES_MAX
_DIGEST_BYTES = 32
_NUMBER_DIGITS_MAX = 8

Record = tuple[tuple[str, str | bytes], ...]


class PartFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A message doesn't say what a part has to say; the text is the tag."""


class Part(NamedTuple):
    """A part of a table that is being published; `expected_version` is the one that must be in force."""

    number: int
    parts: int
    digest: bytes
    expected_version: int
    content: bytes

    @classmethod
    def of_record(cls, record: Record) -> Self:
        """The part in field 120. Raises PartFault."""
        tags = dict(record)
        parts = _number(tags, Tag.RULES_PARTS)
        number = _number(tags, Tag.RULES_PART_NUMBER)
        if not 1 <= parts <= PARTS_MAX:
            raise PartFault(Tag.RULES_PARTS)
        if not 1 <= number <= parts:
            raise PartFault(Tag.RULES_PART_NUMBER)
        digest = _bytes(tags, Tag.RULES_DIGEST)
        if len(digest) != _DIGEST_BYTES:
            raise PartFault(Tag.RULES_DIGEST)
        content = _bytes(tags, Tag.RULES_PART)
        if not 1 <= len(content) <= PART_BYTES_MAX:
            raise PartFault(Tag.RULES_PART)
        return cls(number, parts, digest, _number(tags, Tag.RULES_EXPECTED_VERSION), content)


class Wanted(NamedTuple):
    """A part of a table in force that a host asks for; version 0 is the newest."""

    version: int
    number: int

    @classmethod
    def of_record(cls, record: Record) -> Self:
        """What field 120 asks for. Raises PartFault."""
        tags = dict(record)
        number = _number(tags, Tag.RULES_PART_NUMBER)
        if number < 1:
            raise PartFault(Tag.RULES_PART_NUMBER)
        return cls(_number(tags, Tag.RULES_EXPECTED_VERSION), number)


def _number(tags: Mapping[str, str | bytes], tag: Tag) -> int:
    text = tags.get(tag)
    if not isinstance(text, str) or not (text.isascii() and text.isdecimal()):
        raise PartFault(tag)
    if len(text) > _NUMBER_DIGITS_MAX:
        raise PartFault(tag)
    return int(text)


def _bytes(tags: Mapping[str, str | bytes], tag: Tag) -> bytes:
    content = tags.get(tag)
    if not isinstance(content, bytes):
        raise PartFault(tag)
    return content
