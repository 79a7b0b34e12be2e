"""What the club has decided about members: services set it here, and their records go to the switch."""

from collections.abc import Mapping
from datetime import date
from typing import TypedDict

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.services.members import repository
from host_api.services.members.record import send
from host_api.services.members.schemas import MemberStatus


class Standing(TypedDict, total=False):
    """What is to change of a member; what is left out stays."""

    tier: str
    status: MemberStatus
    group: str | None
    organisation: str | None
    club_level: str | None
    risk_class: str | None
    segments: list[int]
    agreements: list[int]
    household: int | None
    introducer: int | None
    introduced_until: date | None
    merged_into: int | None
    till_text: str | None
    till_text_fa: str | None


_COLUMNS = {"group": "group_name"}


async def set_standings(session: WriteSession, wanted: Mapping[int, Standing]) -> int:
    """Set the standing of members by id, at most some hundreds at once; unknown ids are passed over.

    Who changes nothing isn't sent to the switch again. How many were.
    """
    sent = 0
    for member in await repository.lock_many(session, list(wanted)):
        is_changed = False
        for name, value in wanted[member.id].items():
            column = _COLUMNS.get(name, name)
            text = value.value if isinstance(value, MemberStatus) else value
            if getattr(member, column) != text:
                setattr(member, column, text)
                is_changed = True
                if column == "status":
                    member.status_reason, member.status_at = None, utc_now()
        if is_changed:
            send(session, member)
            sent += 1
    await session.flush()
    return sent
