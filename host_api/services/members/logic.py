"""Members: enrolled, found, read. What changes of them later stands in `changes` and `standing`.

What is kept sealed needs the cipher. Whoever only asks whether a member is there, or how they stand, takes
`read`.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, select

from host_api.core import outbox
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.outbox import SubjectKind, SwitchStanding
from host_api.services.members import repository
from host_api.services.members.events import MEMBER_JOINED, MemberJoined
from host_api.services.members.identities import logic as identities
from host_api.services.members.identities.kinds import BuiltIn
from host_api.services.members.interests import logic as interests
from host_api.services.members.listing import MemberFilters, MemberQuery
from host_api.services.members.models import Member
from host_api.services.members.numbers import draw_numbers
from host_api.services.members.record import send
from host_api.services.members.schemas import (
    Activity,
    JoinedVia,
    MemberCreate,
    MemberData,
    MemberRead,
    MemberStatus,
    MemberSummary,
)
from host_api.services.members.sealed_data import FIELDS, birth_date_of, seal_birth_date
from host_api.services.members.special_days import logic as special_days


class MemberNotFound(Problem):
    """No member has this id."""

    status = 404
    code = "member-not-found"
    title = "Member not found"
    title_fa = "عضو پیدا نشد"
    detail = "There is no member with this id."
    detail_fa = "عضوی با این شناسه وجود ندارد."


async def create(
    session: WriteSession,
    cipher: FieldCipher,
    wanted: MemberCreate,
    *,
    joined_via: JoinedVia = JoinedVia.OFFICE,
) -> MemberRead:
    """Store a new member and put its record on the way to the switch.

    Raises:
        IdentityTaken, interests.InterestUnknown
    """
    (member,) = await _add(session, cipher, [wanted], joined_via)
    await interests.set_of_member(session, member.id, wanted.interests)
    return await read_whole(session, cipher, member.id)


async def create_many(
    session: WriteSession,
    cipher: FieldCipher,
    wanted: Sequence[MemberData],
    *,
    joined_via: JoinedVia = JoinedVia.IMPORT,
) -> list[int]:
    """Store new members as `create` does, without interests, and give their ids in the same order.

    Raises:
        IdentityTaken
    """
    return [member.id for member in await _add(session, cipher, wanted, joined_via)]


async def ids_by_mobile(session: AnySession, cipher: FieldCipher, mobiles: Sequence[str]) -> dict[str, int]:
    """The first member with each of these mobile numbers."""
    return await identities.find(session, cipher, BuiltIn.MOBILE, mobiles)


async def ids_by_identity(
    session: AnySession, cipher: FieldCipher, kind: str, values: Sequence[str]
) -> dict[str, int]:
    """The first member with each of these identities of a kind, in canonical form."""
    return await identities.find(session, cipher, kind, values)


async def read(session: AnySession, member_id: int) -> MemberSummary:
    """One member, without what is kept sealed.

    Raises:
        MemberNotFound
    """
    member = await find(session, member_id)
    return _summary(member, await outbox.standing(session, SubjectKind.MEMBER, member_id))


async def read_whole(session: AnySession, cipher: FieldCipher, member_id: int) -> MemberRead:
    """One member.

    Raises:
        MemberNotFound
    """
    return (await read_many(session, cipher, [await find(session, member_id)]))[0]


async def find(session: AnySession, member_id: int) -> Member:
    """One member, as a row.

    Raises:
        MemberNotFound
    """
    member = await repository.find(session, member_id)
    if member is None:
        raise MemberNotFound
    return member


async def lock(session: WriteSession, member_id: int) -> Member:
    """The same, which nobody else changes until the transaction ends.

    Raises:
        MemberNotFound
    """
    member = await repository.lock(session, member_id)
    if member is None:
        raise MemberNotFound
    return member


async def read_page(session: ReadSession, cipher: FieldCipher, query: MemberQuery) -> Page[MemberRead]:
    """A page of members."""
    members, next_cursor = await read_rows(session, _chosen(session, cipher, query), query)
    return Page(items=await read_many(session, cipher, members), next_cursor=next_cursor)


async def read_after(
    session: AnySession, cipher: FieldCipher, query: MemberFilters, cursor: str | None, limit: int
) -> tuple[list[MemberRead], str | None]:
    """Up to `limit` members after `cursor`, and the cursor of those behind them."""
    statement = _chosen(session, cipher, query)
    members, next_cursor = await read_rows_after(session, statement, query, cursor, limit)
    return await read_many(session, cipher, members), next_cursor


async def read_many(session: AnySession, cipher: FieldCipher, members: Sequence[Member]) -> list[MemberRead]:
    """Rows as they are shown."""
    ids = [member.id for member in members]
    standings = await outbox.standings(session, SubjectKind.MEMBER, ids)
    known_by = await identities.shown_of(session, cipher, ids)
    liked = await interests.of_members(session, ids)
    return [
        _read(
            cipher,
            member,
            standings.get(member.id, outbox.PENDING),
            known_by.get(member.id, {}),
            liked.get(member.id, []),
        )
        for member in members
    ]


def _chosen(session: AnySession, cipher: FieldCipher, query: MemberFilters) -> Select[Member]:
    """The members that the filters on sealed values and tags leave."""
    statement = select(Member)
    for kind, value in query.identities():
        statement = statement.where(Member.id.in_(identities.members_with(session, cipher, kind, value)))
    if query.interest is not None:
        statement = statement.where(Member.id.in_(interests.members_with(query.interest)))
    return statement


async def _add(
    session: WriteSession, cipher: FieldCipher, wanted: Sequence[MemberData], joined_via: JoinedVia
) -> list[Member]:
    now = utc_now()
    programme_id = programme_of(session.sync_session)
    numbers = await draw_numbers(session, len(wanted))
    members = [
        Member(
            id=number,
            programme_id=programme_id,
            name=one.name,
            tier=one.tier,
            status=MemberStatus.ACTIVE.value,
            created_at=now,
            joined_via=joined_via.value,
            activity=Activity.NEW.value,
            group_name=one.group,
            organisation=one.organisation,
            club_level=one.club_level,
            segments=one.segments,
            agreements=one.agreements,
        )
        for number, one in zip(numbers, wanted, strict=True)
    ]
    pairs = list(zip(members, wanted, strict=True))
    for member, one in pairs:
        seal_birth_date(cipher, member, one.birth_date)
        for name, field in FIELDS.items():
            field.seal(cipher, member, getattr(one, name))
    session.add_all(members)
    await session.flush()
    await identities.add_many(session, cipher, [entry for pair in pairs for entry in _identities(*pair)])
    days = {member.id: one.birth_date for member, one in pairs if one.birth_date is not None}
    await special_days.add_birthdays(session, cipher, days)
    for member in members:
        send(session, member)
        tell_joined(session, member)
    return members


def tell_joined(session: WriteSession, member: Member) -> None:
    """Emit that a member has joined."""
    payload = MemberJoined(member_id=member.id, tier=member.tier, joined_via=JoinedVia(member.joined_via))
    emit(session, MEMBER_JOINED, Subject("member", member.id), payload)


def _identities(member: Member, wanted: MemberData) -> list[identities.Wanted]:
    given = ((kind, getattr(wanted, kind)) for kind in identities.SHOWN)
    return [(member.id, kind, value) for kind, value in given if value is not None]


def _summary(member: Member, standing: SwitchStanding) -> MemberSummary:
    return MemberSummary(
        id=member.id,
        name=member.name,
        tier=member.tier,
        status=MemberStatus(member.status),
        status_reason=member.status_reason,
        activity=Activity(member.activity),
        joined_via=JoinedVia(member.joined_via),
        created_at=member.created_at,
        group=member.group_name,
        organisation=member.organisation,
        club_level=member.club_level,
        risk_class=member.risk_class,
        segments=member.segments or [],
        agreements=member.agreements or [],
        household=member.household,
        introducer=member.introducer,
        merged_into=member.merged_into,
        introduced_until=member.introduced_until,
        switch_state=standing.state,
        switch_response_code=standing.response_code,
    )


def _read(
    cipher: FieldCipher,
    member: Member,
    standing: SwitchStanding,
    known_by: Mapping[str, str],
    liked: list[str],
) -> MemberRead:
    summary = _summary(member, standing)
    return MemberRead(
        **dict(summary),
        mobile=known_by.get(BuiltIn.MOBILE),
        email=known_by.get(BuiltIn.EMAIL),
        national_id=known_by.get(BuiltIn.NATIONAL_ID),
        birth_date=birth_date_of(cipher, member),
        city=FIELDS["city"].open(cipher, member),
        address=FIELDS["address"].open(cipher, member),
        postal_code=FIELDS["postal_code"].open(cipher, member),
        sheba=FIELDS["sheba"].open(cipher, member),
        interests=liked,
    )
