"""Members who belong to something that the club keeps a register of: an organisation, or a sub-club."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Column, Equals, ListQuery, Page, read_rows
from host_api.services.members import selection
from host_api.services.members.models import Member
from host_api.services.members.schemas import MemberStatus, TierName
from host_api.services.members.selection import TEXTS, MembersChanged
from host_api.services.members.standing import Standing, set_standings

Register = Literal["organisation", "club_level"]


class BelongingSort(StrEnum):
    """Orders of members."""

    ID = "id"
    LATEST = "-id"


class BelongingQuery(ListQuery):
    """Which of the members, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Member.id}

    sort: BelongingSort = Field(default=BelongingSort.ID, description="By member number.")
    tier: Annotated[TierName | None, Equals(Member.tier)] = None
    status: Annotated[MemberStatus | None, Equals(Member.status)] = None


class BelongingMember(BaseModel):
    """A member who belongs to it; who that is tells the member's own record."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"member_id": 12, "tier": "gold", "status": "active"}}
    )

    member_id: int
    tier: str
    status: MemberStatus


async def join(
    session: WriteSession, register: Register, code: str, member_ids: Iterable[int]
) -> MembersChanged:
    """Have members belong to `code`, whatever they belonged to before."""
    return await _set(session, register, code, member_ids, only_from=None)


async def leave(
    session: WriteSession, register: Register, code: str, member_ids: Iterable[int]
) -> MembersChanged:
    """Have those of some members who belong to `code` belong to nothing."""
    return await _set(session, register, None, member_ids, only_from=code)


async def count(session: AnySession, register: Register, codes: Iterable[str]) -> dict[str, int]:
    """How many members belong to each of some codes."""
    wanted = list(codes)
    column = TEXTS[register]
    rows = await session.execute(select(column, func.count()).where(column.in_(wanted)).group_by(column))
    counts = {code: number for code, number in rows if code is not None}
    return {code: counts.get(code, 0) for code in wanted}


async def read_page(
    session: ReadSession, register: Register, code: str, query: BelongingQuery
) -> Page[BelongingMember]:
    """A page of the members who belong to `code`."""
    rows, next_cursor = await read_rows(session, select(Member).where(TEXTS[register] == code), query)
    return Page(
        items=[
            BelongingMember(member_id=row.id, tier=row.tier, status=MemberStatus(row.status)) for row in rows
        ],
        next_cursor=next_cursor,
    )


async def _set(
    session: WriteSession,
    register: Register,
    code: str | None,
    member_ids: Iterable[int],
    *,
    only_from: str | None,
) -> MembersChanged:
    wanted = set(member_ids)
    known = {member.id for member in await selection.lock(session, wanted)}
    rows = await session.execute(select(Member.id, TEXTS[register]).where(Member.id.in_(known)))
    changed = [
        member_id
        for member_id, present in rows
        if present != code and (only_from is None or present == only_from)
    ]
    await set_standings(session, {member_id: _standing(register, code) for member_id in changed})
    return MembersChanged(changed=len(changed), unknown=sorted(wanted - known))


def _standing(register: Register, code: str | None) -> Standing:
    return {"organisation": code} if register == "organisation" else {"club_level": code}
