"""Rule tables in file actions: the parts in which a deflated table (RFC 1950) travels, and what a host asks
and is told of them."""

from typing import Final

from protocol.dialect import FileName, FileUpdateCode, Tag
from protocol.message import Message, Value

PART_BYTES_MAX: Final = 900  # as tag DF52 has it


def count_of_parts(deflated: bytes) -> int:
    """In how many parts a deflated table travels."""
    return -(-len(deflated) // PART_BYTES_MAX)


def part_of(deflated: bytes, number: int) -> bytes:
    """One of its parts, numbered from 1; empty behind the last."""
    return deflated[(number - 1) * PART_BYTES_MAX : number * PART_BYTES_MAX]


def upload_fields(deflated: bytes, number: int, *, digest: bytes, expected_version: int) -> dict[int, Value]:
    """Fields 91, 101 and 120 of the 0300 that brings a part, numbered from 1.

    Parameters:
        digest: SHA-256 of the table before it was deflated.
        expected_version: the table that must be in force, or nothing changes.
    """
    return _fields(
        FileUpdateCode.ADD_OR_REPLACE,
        {
            Tag.RULES_PART: part_of(deflated, number),
            Tag.RULES_PART_NUMBER: f"{number:04d}",
            Tag.RULES_PARTS: f"{count_of_parts(deflated):04d}",
            Tag.RULES_DIGEST: digest,
            Tag.RULES_EXPECTED_VERSION: f"{expected_version:08d}",
        },
    )


def inquiry_fields(version: int, number: int) -> dict[int, Value]:
    """The same of the 0300 that asks for a part of a table; version 0 is the one in force."""
    return _fields(
        FileUpdateCode.INQUIRE,
        {Tag.RULES_PART_NUMBER: f"{number:04d}", Tag.RULES_EXPECTED_VERSION: f"{version:08d}"},
    )


def version_in(answer: Message) -> int:
    """The table that an answer is about, or the one in force; 0 where it says nothing."""
    return int(answer.tag_text(48, Tag.RULE_TABLE_VERSION, "0"))


def parts_in(answer: Message) -> int:
    """How many parts the table asked for has."""
    return int(answer.tag_text(48, Tag.RULES_PARTS, "0"))


def digest_in(answer: Message) -> bytes:
    """SHA-256 of the table asked for."""
    return _bytes(answer, Tag.RULES_DIGEST)


def content_in(answer: Message) -> bytes:
    """The part asked for."""
    return _bytes(answer, Tag.RULES_PART)


def _fields(action: FileUpdateCode, tags: dict[str, Value]) -> dict[int, Value]:
    return {91: action.value, 101: FileName.RULES.value, 120: tags}


def _bytes(answer: Message, tag: Tag) -> bytes:
    content = answer.tags(48).get(tag)
    return content if isinstance(content, bytes) else b""
