"""Joining the club and finding members."""

from collections.abc import Iterable

from sqlalchemy import select

from host_api.core import outbox
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.outbox import Record, SubjectKind, SwitchStanding
from host_api.core.persian_text import shorten_to_bytes
from host_api.services.members import repository
from host_api.services.members.events import MEMBER_JOINED, MemberJoined
from host_api.services.members.listing import MemberQuery
from host_api.services.members.models import Member
from host_api.services.members.schemas import MemberCreate, MemberRead, MemberStatus, MemberTier
from protocol.dialect import FileName, Tag

_NAME_ON_SWITCH_BYTES = 48
_STATUS_ON_SWITCH = {MemberStatus.ACTIVE: "A", MemberStatus.BLOCKED: "B"}


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
    member = Member(
        name=wanted.name,
        mobile=wanted.mobile,
        tier=wanted.tier.value,
        status=MemberStatus.ACTIVE.value,
        created_at=utc_now(),
        group_name=wanted.group,
        organisation=wanted.organisation,
        segments=wanted.segments,
        agreements=wanted.agreements,
        household=wanted.household,
        introducer=wanted.introducer,
    )
    await repository.add(session, member)
    outbox.enqueue(
        session,
        subject_kind=SubjectKind.MEMBER,
        subject_id=member.id,
        file_name=FileName.MEMBER,
        record=_record(member),
    )
    emit(
        session,
        MEMBER_JOINED,
        Subject("member", member.id),
        MemberJoined(member_id=member.id, tier=wanted.tier),
    )
    return _read(member, outbox.PENDING)


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
    standings = await outbox.standings(session, SubjectKind.MEMBER, [member.id for member in members])
    return Page(
        items=[_read(member, standings.get(member.id, outbox.PENDING)) for member in members],
        next_cursor=next_cursor,
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
