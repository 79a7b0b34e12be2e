"""A rule table to a switch and from it, part by part, over the host link."""

import hashlib
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from protocol.dialect import ResponseCode
from protocol.message import Message
from protocol.rule_parts import (
    content_in,
    count_of_parts,
    digest_in,
    inquiry_fields,
    parts_in,
    upload_fields,
    version_in,
)
from switch.journal.entries import inflate_table
from switch.publication.parts import DEFLATED_BYTES_MAX
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
    parts, digest = count_of_parts(content), hashlib.sha256(table.packed).digest()
    for number in range(1, parts + 1):
        fields = upload_fields(content, number, digest=digest, expected_version=expected_version)
        answer = link.file_action(fields, PREPARED_TIMEOUT_S)
        code = answer.text(39)
        if code == ResponseCode.FILE_LOCKED:
            raise HostFault(
                f"version {version_in(answer)} is in force, "
                f"not {expected_version} with which this was compared"
            )
        if code != ResponseCode.APPROVED:
            raise HostFault(f"{link.told(answer)} (part {number} of {parts}); nothing has changed")
        yield version_in(answer)


def _download(link: HostLink, version: int) -> Standing | None:
    """None where another table came into force meanwhile."""
    first = _part(link, version, 1)
    named, content = version_in(first), [content_in(first)]
    for number in range(2, parts_in(first) + 1):
        answer = _part(link, named, number)
        if digest_in(answer) != digest_in(first):
            return None
        content.append(content_in(answer))
    try:
        table = unpack(inflate_table(b"".join(content)))
    except (RuleTableFault, ValueError, zlib.error) as fault:
        raise HostFault(f"rule table {named} of the switch can't be read: {fault}") from None
    return Standing(named, table)


def _part(link: HostLink, version: int, number: int) -> Message:
    answer = link.file_action(inquiry_fields(version, number))
    if answer.text(39) == ResponseCode.RECORD_NOT_FOUND:
        raise HostFault(
            f"the switch doesn't have rule table {version}: it keeps the last 8, up to {version_in(answer)}"
        )
    if answer.text(39) != ResponseCode.APPROVED:
        raise HostFault(link.told(answer))
    return answer
