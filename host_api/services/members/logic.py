"""Joining the club and finding members."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from sqlalchemy import select

from host_api.core import outbox
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.outbox import Record, SubjectKind, SwitchStanding
from host_api.core.persian_text import shorten_to_bytes
from host_api.services.members import repository
from host_api.services.members.events import MEMBER_JOINED, MemberJoined
from host_api.services.members.listing import MemberFilters, MemberQuery
from host_api.services.members.models import Member
from host_api.services.members.schemas import MemberCreate, MemberRead, MemberStatus, MemberTier
from protocol.dialect import FileName, Tag

_NAME_ON_SWITCH_BYTES = 48
_STATUS_ON_SWITCH = {MemberStatus.ACTIVE: "A", MemberStatus.BLOCKED: "B"}
_COLUMNS = {"group": "group_name"}


class MemberNotFound(Problem):
    """No member has this id."""

    status = 404
    code = "member-not-found"
    title = "Member not found"
    title_fa = "عضو پیدا نشد"
    detail = "There is no member with this id."
    detail_fa = "عضوی با این شناسه وجود ندارد."


async def create(session: WriteSession, wanted: MemberCreate) -> MemberRead:
    """Store a new member and put its record on the way to the switch."""
    return _read((await _add(session, [wanted]))[0], outbox.PENDING)


async def create_many(session: WriteSession, wanted: Sequence[MemberCreate]) -> list[int]:
    """Store new members as `create` does, and give their ids in the same order."""
    return [member.id for member in await _add(session, wanted)]


async def change_many(session: WriteSession, wanted: Mapping[int, MemberCreate]) -> None:
    """Write what was given into members by id, and put their records on the way to the switch."""
    members = await repository.find_many(session, list(wanted))
    for member in members:
        given = wanted[member.id]
        for name in given.model_fields_set:
            value: object = getattr(given, name)
            setattr(member, _COLUMNS.get(name, name), value.value if isinstance(value, Enum) else value)
        _send(session, member)
    await session.flush()


async def ids_by_mobile(session: AnySession, mobiles: Sequence[str]) -> dict[str, int]:
    """The first member with each of these mobile numbers."""
    return await repository.ids_by_mobile(session, mobiles)


async def read(session: AnySession, member_id: int) -> MemberRead:
    """One member.

    Raises:
        MemberNotFound
    """
    member = await repository.find(session, member_id)
    if member is None:
        raise MemberNotFound
    return _read(member, await outbox.standing(session, SubjectKind.MEMBER, member_id))


async def read_page(session: ReadSession, query: MemberQuery) -> Page[MemberRead]:
    """A page of members."""
    members, next_cursor = await read_rows(session, select(Member), query)
    return Page(items=await _read_all(session, members), next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: MemberFilters, cursor: str | None, limit: int
) -> tuple[list[MemberRead], str | None]:
    """Up to `limit` members after `cursor`, and the cursor of those behind them."""
    members, next_cursor = await read_rows_after(session, select(Member), query, cursor, limit)
    return await _read_all(session, members), next_cursor


async def _add(session: WriteSession, wanted: Sequence[MemberCreate]) -> list[Member]:
    now = utc_now()
    members = [
        Member(
            name=one.name,
            mobile=one.mobile,
            tier=one.tier.value,
            status=MemberStatus.ACTIVE.value,
            created_at=now,
            group_name=one.group,
            organisation=one.organisation,
            segments=one.segments,
            agreements=one.agreements,
            household=one.household,
            introducer=one.introducer,
        )
        for one in wanted
    ]
    await repository.add(session, *members)
    for member in members:
        _send(session, member)
        joined = MemberJoined(member_id=member.id, tier=MemberTier(member.tier))
        emit(session, MEMBER_JOINED, Subject("member", member.id), joined)
    return members


def _send(session: WriteSession, member: Member) -> None:
    outbox.enqueue(
        session,
        subject_kind=SubjectKind.MEMBER,
        subject_id=member.id,
        file_name=FileName.MEMBER,
        record=_record(member),
    )


def _record(member: Member) -> Record:
    """The member's record on the switch; what isn't known is left out."""
    record: Record = {
        Tag.MEMBER_NUMBER.value: f"{member.id:012d}",
        Tag.MEMBER_NAME.value: shorten_to_bytes(member.name, _NAME_ON_SWITCH_BYTES),
        Tag.MEMBER_TIER.value: member.tier,
        Tag.STATUS.value: _STATUS_ON_SWITCH[MemberStatus(member.status)],
    }
    if member.group_name is not None:
        record[Tag.GROUP.value] = member.group_name
    if member.organisation is not None:
        record[Tag.ORGANISATION.value] = member.organisation
    if member.segments:
        record[Tag.SEGMENTS.value] = _bits(member.segments)
    if member.agreements:
        record[Tag.AGREEMENTS.value] = _bits(member.agreements)
    if member.introducer is not None:
        record[Tag.INTRODUCER.value] = f"{member.introducer:012d}"
    if member.household is not None:
        record[Tag.HOUSEHOLD.value] = f"{member.household:012d}"
    return record


def _bits(numbers: Iterable[int]) -> str:
    """A set of numbers from 0 to 255 as hexadecimal: the last bit stands for 0."""
    return f"{sum(1 << number for number in set(numbers)):064x}"


async def _read_all(session: AnySession, members: Sequence[Member]) -> list[MemberRead]:
    standings = await outbox.standings(session, SubjectKind.MEMBER, [member.id for member in members])
    return [_read(member, standings.get(member.id, outbox.PENDING)) for member in members]


def _read(member: Member, standing: SwitchStanding) -> MemberRead:
    return MemberRead(
        id=member.id,
        name=member.name,
        mobile=member.mobile,
        tier=MemberTier(member.tier),
        status=MemberStatus(member.status),
        created_at=member.created_at,
        group=member.group_name,
        organisation=member.organisation,
        segments=member.segments or [],
        agreements=member.agreements or [],
        household=member.household,
        introducer=member.introducer,
        switch_state=standing.state,
        switch_response_code=standing.response_code,
    )
