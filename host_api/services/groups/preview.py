"""Whom a query of a group would find."""

import time
from typing import Final

from host_api.core.clock import utc_now
from host_api.core.database import ReadSession
from host_api.services.groups.query_compiler import compile_query
from host_api.services.groups.query_schema import Expression
from host_api.services.groups.schemas import FoundMember, PreviewRead
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus

_PREVIEW_ROWS: Final = 20
_PREVIEW_S: Final = 3.0
# One statement asks so many, about as many as take this long.
_FEWEST_IDS_AT_ONCE: Final = 500
_MOST_IDS_AT_ONCE: Final = 50_000
_STATEMENT_S: Final = 0.3


async def preview(session: ReadSession, query: Expression) -> PreviewRead:
    """Whom a query finds now: all members are asked, as far as some seconds suffice."""
    condition = compile_query(query, utc_now())
    last = await selection.highest_id(session)
    until_s = time.monotonic() + _PREVIEW_S
    found: list[FoundMember] = []
    count = asked = 0
    at_once = _FEWEST_IDS_AT_ONCE
    while asked < last and (begun_s := time.monotonic()) < until_s:
        span = {"after": asked, "up_to": asked + at_once}
        here = await selection.count_between(session, condition, **span)
        if here and len(found) < _PREVIEW_ROWS:
            members = await selection.briefs_where(
                session, condition, **span, limit=_PREVIEW_ROWS - len(found)
            )
            found += [
                FoundMember(
                    id=member.id,
                    tier=member.tier,
                    status=MemberStatus(member.status),
                    joined_at=member.joined_at,
                )
                for member in members
            ]
        count, asked = count + here, asked + at_once
        # What a member takes depends on the query, and on what is in memory.
        fitting = int(at_once * _STATEMENT_S / max(time.monotonic() - begun_s, 0.001))
        at_once = max(_FEWEST_IDS_AT_ONCE, min(fitting, 2 * at_once, _MOST_IDS_AT_ONCE))
    return PreviewRead(count=count, is_complete=asked >= last, asked_up_to=min(asked, last), members=found)
