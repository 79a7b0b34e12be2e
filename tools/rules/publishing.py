"""A rule table to a switch and from it, part by part, over the host link."""

import hashlib
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from protocol.dialect import FileName, FileUpdateCode, ResponseCode, Tag
from protocol.message import Message, Value
from switch.journal.entries import inflate_table
from switch.publication.parts import DEFLATED_BYTES_MAX, count_of_parts, part_of
from switch.rules.packing import RuleTableFault, unpack
from switch.rules.table import RuleTable
from tools.host_link.access import HostFault
from tools.host_link.link import HostLink

# The answer to the last part comes when the switch has made the table ready.
PREPARED_TIMEOUT_S = 120.0
_PASSES_MAX = 2


class Standing(NamedTuple):
    """A table of a switch and its version there."""

    version: int
    table: RuleTable


def ask_for(link: HostLink, version: int = 0) -> Standing:
    """A table that is or was in force; 0 is the one in force. Raises HostFault."""
    for _ in range(_PASSES_MAX):
        found = _download(link, version)
        if found is not None:
            return found
    raise HostFault("other tables come into force again and again")


def deflated(table: RuleTable) -> bytes:
    """A table's bytes as they travel. Raises HostFault where they are too many."""
    content = zlib.compress(table.packed, 9)
    if len(content) > DEFLATED_BYTES_MAX:
        raise HostFault(
            f"the table is too large: {len(content):,} bytes deflated, {DEFLATED_BYTES_MAX:,} fit"
        )
    return content


def upload(link: HostLink, table: RuleTable, content: bytes, expected_version: int) -> Iterator[int]:
    """Publish a table where `expected_version` is in force; yields the version in force after every part, the
    new one after the last. Raises HostFault."""
    parts = count_of_parts(content)
    for number in range(1, parts + 1):
        tags: dict[str, Value] = {
            Tag.RULES_PART: part_of(content, number),
            Tag.RULES_PART_NUMBER: f"{number:04d}",
            Tag.RULES_PARTS: f"{parts:04d}",
            Tag.RULES_DIGEST: hashlib.sha256(table.packed).digest(),
            Tag.RULES_EXPECTED_VERSION: f"{expected_version:08d}",
        }
        answer = link.file_action(_fields(FileUpdateCode.ADD_OR_REPLACE, tags), PREPARED_TIMEOUT_S)
        code = answer.text(39)
        if code == ResponseCode.FILE_LOCKED:
            raise HostFault(
                f"version {_version(answer)} is in force, not {expected_version} with which this was compared"
            )
        if code != ResponseCode.APPROVED:
            raise HostFault(f"{link.told(answer)} (part {number} of {parts}); nothing has changed")
        yield _version(answer)


def _download(link: HostLink, version: int) -> Standing | None:
    """None where another table came into force meanwhile."""
    first = _part(link, version, 1)
    named, digest, parts = _version(first), first.tags(48).get(Tag.RULES_DIGEST), _parts(first)
    content = [_content(first)]
    for number in range(2, parts + 1):
        answer = _part(link, named, number)
        if answer.tags(48).get(Tag.RULES_DIGEST) != digest:
            return None
        content.append(_content(answer))
    try:
        table = unpack(inflate_table(b"".join(content)))
    except (RuleTableFault, ValueError, zlib.error) as fault:
        raise HostFault(f"rule table {named} of the switch can't be read: {fault}") from None
    return Standing(named, table)


def _part(link: HostLink, version: int, number: int) -> Message:
    tags: dict[str, Value] = {
        Tag.RULES_PART_NUMBER: f"{number:04d}",
        Tag.RULES_EXPECTED_VERSION: f"{version:08d}",
    }
    answer = link.file_action(_fields(FileUpdateCode.INQUIRE, tags))
    if answer.text(39) == ResponseCode.RECORD_NOT_FOUND:
        raise HostFault(
            f"the switch doesn't have rule table {version}: it keeps the last 8, up to {_version(answer)}"
        )
    if answer.text(39) != ResponseCode.APPROVED:
        raise HostFault(link.told(answer))
    return answer


def _fields(action: FileUpdateCode, tags: dict[str, Value]) -> dict[int, Value]:
    return {91: action.value, 101: FileName.RULES.value, 120: tags}


def _version(answer: Message) -> int:
    return int(answer.tag_text(48, Tag.RULE_TABLE_VERSION, "0"))


def _parts(answer: Message) -> int:
    return int(answer.tag_text(48, Tag.RULES_PARTS, "0"))


def _content(answer: Message) -> bytes:
    content = answer.tags(48).get(Tag.RULES_PART)
    return content if isinstance(content, bytes) else b""
