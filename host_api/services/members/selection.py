"""Members as other services choose them: by conditions over what is no personal data, in bounded pieces."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.database import AnySession, WriteSession
from host_api.core.path_ids import LARGEST_ID
from host_api.services.members.models import Member

MEMBERS_AT_ONCE: Final = 500

# What conditions may stand on.
MEMBER_ID: Final[InstrumentedAttribute[int]] = Member.id
TEXTS: Final[Mapping[str, InstrumentedAttribute[str] | InstrumentedAttribute[str | None]]] = {
    "tier": Member.tier,
    "status": Member.status,
    "group": Member.group_name,
    "organisation": Member.organisation,
    "club_level": Member.club_level,
    "risk_class": Member.risk_class,
}


@dataclass(frozen=True, slots=True)
class MemberBrief:
    """What the club has decided about a member, without the person."""

    id: int
    tier: str
    status: str
    joined_at: datetime
    group: str | None
    segments: frozenset[int]


class MembersChosen(BaseModel):
    """Members by their numbers."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"member_ids": [12, 13]}})

    member_ids: list[int] = Field(min_length=1, max_length=MEMBERS_AT_ONCE)


class MembersChanged(BaseModel):
    """What became of members chosen by their numbers."""

    model_config = ConfigDict(json_schema_extra={"example": {"changed": 1, "unknown": [13]}})

    changed: int = Field(description="How many were not so already.")
    unknown: list[int] = Field(description="Numbers that no member has; they were passed over.")


def joined_before(instant: datetime) -> ColumnElement[bool]:
    """Members who joined before an instant."""
    return Member.created_at < instant


async def briefs(session: AnySession, member_ids: Iterable[int]) -> list[MemberBrief]:
    """Members by id, in order."""
    return await _read(session, _briefly().where(Member.id.in_(_known(member_ids))))


async def lock(session: WriteSession, member_ids: Iterable[int]) -> list[MemberBrief]:
    """The same, whom nobody else changes until the transaction ends."""
    return await _read(session, _briefly().where(Member.id.in_(_known(member_ids))).with_for_update())


async def briefs_after(session: AnySession, after: int, limit: int) -> list[MemberBrief]:
    """The next members behind an id, in order."""
    return await _read(session, _briefly().where(Member.id > after).limit(limit))


async def count(session: AnySession, condition: ColumnElement[bool] | None = None) -> int:
    """How many members there are, or fulfil a condition."""
    statement = select(func.count(Member.id))
    return await session.scalar(statement if condition is None else statement.where(condition)) or 0


async def ids_where(
    session: AnySession, condition: ColumnElement[bool], *, among: Sequence[int]
) -> frozenset[int]:
    """Which of some members fulfil a condition."""
    found = await session.scalars(select(Member.id).where(Member.id.in_(among), condition))
    return frozenset(found)


async def ids_between(
    session: AnySession, condition: ColumnElement[bool], *, after: int, up_to: int
) -> list[int]:
    """Members behind an id, up to another, that fulfil a condition, in order."""
    found = await session.scalars(
        select(Member.id).where(Member.id > after, Member.id <= up_to, condition).order_by(Member.id)
    )
    return list(found)


async def ids_after(session: AnySession, after: int, limit: int) -> list[int]:
    """The first members behind an id, in order."""
    found = await session.scalars(select(Member.id).where(Member.id > after).order_by(Member.id).limit(limit))
    return list(found)


async def agreements_of(session: AnySession, member_ids: Iterable[int]) -> dict[int, set[int]]:
    """What members' records on the switch say of agreements, by their places there."""
    rows = await session.execute(
        select(Member.id, Member.agreements).where(Member.id.in_(_known(member_ids)))
    )
    return {member_id: set(given or ()) for member_id, given in rows}


async def briefs_where(
    session: AnySession, condition: ColumnElement[bool], *, after: int, up_to: int, limit: int
) -> list[MemberBrief]:
    """The first members behind an id, up to another, that fulfil a condition."""
    return await _read(
        session, _briefly().where(Member.id > after, Member.id <= up_to, condition).limit(limit)
    )


async def count_between(
    session: AnySession, condition: ColumnElement[bool], *, after: int, up_to: int
) -> int:
    """How many members behind an id, up to another, fulfil a condition."""
    return await count(session, (Member.id > after) & (Member.id <= up_to) & condition)


async def highest_id(session: AnySession) -> int:
    """The id of the member who joined last, 0 without any."""
    return await session.scalar(select(func.max(Member.id))) or 0


async def next_id(session: AnySession, after: int) -> int | None:
    """The least id of a member behind `after`."""
    return await session.scalar(select(func.min(Member.id)).where(Member.id > after))


def _known(member_ids: Iterable[int]) -> list[int]:
    """Without what is no member number at all, which a database might not even take."""
    return [member_id for member_id in member_ids if 0 < member_id <= LARGEST_ID]


_Brief = Select[int, str, str, datetime, str | None, list[int] | None]


def _briefly() -> _Brief:
    return select(
        Member.id, Member.tier, Member.status, Member.created_at, Member.group_name, Member.segments
    ).order_by(Member.id)


async def _read(session: AnySession, statement: _Brief) -> list[MemberBrief]:
    return [
        MemberBrief(member_id, tier, status, joined_at, group, frozenset(segments or ()))
        for member_id, tier, status, joined_at, group, segments in await session.execute(statement)
    ]


async def names_and_tiers(session: AnySession, member_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """What a text calls members: name and tier, by number."""
    rows = await session.execute(select(Member.id, Member.name, Member.tier).where(Member.id.in_(member_ids)))
    return {row[0]: (row[1], row[2]) for row in rows}
