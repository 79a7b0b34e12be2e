"""A rule table to the switch and from it, part by part, over the host's links.

The switch keeps what it has of an upload, knows a part that comes again, and decides by the table that is in
force. So whoever goes on with an upload, after a kill or a broken link, begins with the first part.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from host_api.core.clock import utc_now
from host_api.core.host_link.identity import RULE_TABLES, transmission_time
from host_api.core.host_link.link import LinkFault
from host_api.core.host_link.pool import HostLinkPool
from protocol.dialect import ResponseCode
from protocol.message import Message, Value
from protocol.rule_parts import (
    content_in,
    count_of_parts,
    digest_in,
    inquiry_fields,
    parts_in,
    upload_fields,
    version_in,
)

# How long one part may take, with all its repeats: the switch makes a large table ready before it answers the
# last.
PART_TIMEOUT_S: Final = 180.0
_ROUNDS_MAX: Final = 4
_RETRY_S: Final = 1.0
_PASSING: Final = frozenset(
    (
        ResponseCode.SYSTEM_MALFUNCTION.value,
        ResponseCode.DUPLICATE_TRANSMISSION.value,
        ResponseCode.SWITCH_INOPERATIVE.value,
        ResponseCode.RESPONSE_TOO_LATE.value,
    )
)

Progress = Callable[[int, int | None], Awaitable[None]]


class TableConflict(Exception):  # noqa: N818  (nothing is broken)
    """Another table than the expected one is in force; nothing has changed."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class TableRefused(Exception):  # noqa: N818
    """The switch refused a part; nothing has changed."""

    def __init__(self, response_code: str) -> None:
        super().__init__(response_code)
        self.response_code = response_code


class Table(NamedTuple):
    """A deflated table, and the SHA-256 of what was deflated."""

    deflated: bytes
    digest: bytes


class TableTransfer:
    """Over one pool of links.

    Methods raise LinkFault where no answer could be had within `part_timeout_s`; whether the switch has the
    part is then unknown.
    """

    def __init__(self, links: HostLinkPool, *, part_timeout_s: float = PART_TIMEOUT_S) -> None:
        self._links = links
        self._part_timeout_s = part_timeout_s
        # Two processes hardly ever begin so that their numbers meet within a second; where they do, the
        # switch says so.
        self._number = secrets.randbelow(RULE_TABLES.size)

    async def upload(self, table: Table, expected_version: int, progress: Progress) -> int:
        """Put a table in force; its version at the switch. Also where it is in force already.

        Raises:
            TableConflict, TableRefused, LinkFault
        """
        parts = count_of_parts(table.deflated)
        for _ in range(_ROUNDS_MAX):
            for number in range(1, parts + 1):
                answer = await self._exchange(
                    upload_fields(
                        table.deflated, number, digest=table.digest, expected_version=expected_version
                    )
                )
                code = answer.text(39)
                if code == ResponseCode.FILE_LOCKED:
                    raise TableConflict(version_in(answer))
                if code == ResponseCode.RECORD_NOT_FOUND:  # it has forgotten the parts before, by a restart
                    break
                if code != ResponseCode.APPROVED:
                    raise TableRefused(code)
                if number == parts or version_in(answer) > expected_version:
                    return version_in(answer)
                await progress(number, parts)
        raise TableRefused(ResponseCode.RECORD_NOT_FOUND.value)

    async def download(self, version: int) -> Table:
        """A table that is or was in force.

        Raises:
            TableRefused: by RECORD_NOT_FOUND where the switch no longer has it.
            LinkFault
        """
        first = await self._part(version, 1)
        content = [content_in(first)]
        for number in range(2, parts_in(first) + 1):
            content.append(content_in(await self._part(version, number)))
        return Table(b"".join(content), digest_in(first))

    async def _part(self, version: int, number: int) -> Message:
        answer = await self._exchange(inquiry_fields(version, number))
        if answer.text(39) != ResponseCode.APPROVED:
            raise TableRefused(answer.text(39))
        return answer

    async def _exchange(self, fields: dict[int, Value]) -> Message:
        """The answer to a part; a part whose answer is lost is sent again unchanged."""
        message = self._message(fields)
        fault = LinkFault("no link to the switch is open")
        try:
            async with asyncio.timeout(self._part_timeout_s):
                while True:
                    await self._links.wait_open()
                    try:
                        answer = await self._links.exchange(message)
                    except LinkFault as found:
                        fault = found
                    else:
                        if answer.text(39) not in _PASSING:
                            return answer
                        fault = LinkFault(f"the switch answered a part with response code {answer.text(39)}")
                        message = self._message(fields)
                    await asyncio.sleep(_RETRY_S)
        except TimeoutError:
            raise fault from None

    def _message(self, fields: dict[int, Value]) -> Message:
        self._number += 1
        return Message(
            "0300",
            {
                7: transmission_time(utc_now()),
                11: RULE_TABLES.of(self._number),
                41: self._links.host_id,
                **fields,
            },
        )
