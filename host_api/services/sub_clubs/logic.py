"""Sub-clubs: the register, and who belongs to them."""

from collections.abc import Sequence

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.members import belonging
from host_api.services.members.belonging import BelongingMember, BelongingQuery
from host_api.services.members.selection import MembersChanged
from host_api.services.sub_clubs.listing import SubClubQuery
from host_api.services.sub_clubs.models import SubClub
from host_api.services.sub_clubs.schemas import SubClubCreate, SubClubRead, SubClubUpdate
from host_api.services.sub_clubs.templates import TEMPLATES, Template


class SubClubNotFound(Problem):
    """No sub-club has this id."""

    status = 404
    code = "sub-club-not-found"
    title = "Sub-club not found"
    title_fa = "زیرباشگاه پیدا نشد"
    detail = "There is no sub-club with this id."
    detail_fa = "زیرباشگاهی با این شناسه وجود ندارد."


class SubClubCodeTaken(Problem):
    """Another sub-club has the code."""

    status = 409
    code = "sub-club-code-taken"
    title = "Sub-club code taken"
    title_fa = "کد زیرباشگاه تکراری است"
    detail = "Another sub-club has this code already."
    detail_fa = "زیرباشگاه دیگری با همین کد هست."
    field = "code"


class SubClubInUse(Problem):
    """Members belong to it."""

    status = 409
    code = "sub-club-in-use"
    title = "Sub-club in use"
    title_fa = "زیرباشگاه عضو دارد"
    detail = "Members belong to this sub-club; take them out first."
    detail_fa = "عضوهایی به این زیرباشگاه تعلق دارند؛ نخست آن‌ها را بیرون ببرید."


async def create(session: WriteSession, wanted: SubClubCreate) -> SubClub:
    """Add a sub-club.

    Raises:
        SubClubCodeTaken
    """
    if await session.scalar(select(SubClub.id).where(SubClub.code == wanted.code)):
        raise SubClubCodeTaken
    sub_club = SubClub(**wanted.model_dump(), created_at=utc_now())
    session.add(sub_club)
    async with conflict_as(SubClubCodeTaken()):
        await session.flush()
    return sub_club


async def create_from(session: WriteSession, template: Template) -> list[SubClubRead]:
    """Add the sub-clubs of a template, as far as their codes are free.

    Raises:
        SubClubCodeTaken: somebody has just added one of them.
    """
    present = set(await session.scalars(select(SubClub.code)))
    now = utc_now()
    made = [
        SubClub(
            code=level.code,
            title=level.title,
            title_fa=level.title_fa,
            policy=None,
            earns=level.earns,
            created_at=now,
        )
        for level in TEMPLATES[template]
        if level.code not in present
    ]
    session.add_all(made)
    async with conflict_as(SubClubCodeTaken()):
        await session.flush()
    return await _shown(session, made)


async def find(session: AnySession, sub_club_id: int) -> SubClub:
    """One sub-club.

    Raises:
        SubClubNotFound
    """
    sub_club = await session.get(SubClub, sub_club_id)
    if sub_club is None:
        raise SubClubNotFound
    return sub_club


async def read_page(session: ReadSession, query: SubClubQuery) -> Page[SubClubRead]:
    """A page of sub-clubs."""
    rows, next_cursor = await read_rows(session, select(SubClub), query)
    return Page(items=await _shown(session, rows), next_cursor=next_cursor)


async def codes_without_earning(session: AnySession) -> list[str]:
    """Codes of the sub-clubs whose members earn nothing: what rules have to leave out."""
    return list(await session.scalars(select(SubClub.code).where(~SubClub.earns).order_by(SubClub.code)))


async def change(session: WriteSession, sub_club_id: int, if_match: str, wanted: SubClubUpdate) -> SubClub:
    """Change what is given; the code stays, since members' records and rules have it.

    Raises:
        SubClubNotFound, ChangedMeanwhile
    """
    sub_club = await _lock(session, sub_club_id)
    check_version(sub_club, if_match)
    for name, value in wanted.model_dump(exclude_none=True).items():
        setattr(sub_club, name, value)
    if "policy" in wanted.model_fields_set:
        sub_club.policy = wanted.policy
    await session.flush()
    return sub_club


async def delete(session: WriteSession, sub_club_id: int, if_match: str) -> None:
    """Delete a sub-club that nobody belongs to.

    Raises:
        SubClubNotFound, ChangedMeanwhile, SubClubInUse
    """
    sub_club = await _lock(session, sub_club_id)
    check_version(sub_club, if_match)
    if (await belonging.count(session, "club_level", [sub_club.code]))[sub_club.code]:
        raise SubClubInUse
    await session.delete(sub_club)
    await session.flush()


async def add_members(session: WriteSession, sub_club_id: int, member_ids: Sequence[int]) -> MembersChanged:
    """Have members belong to a sub-club.

    Raises:
        SubClubNotFound
    """
    sub_club = await _lock(session, sub_club_id)
    return await belonging.join(session, "club_level", sub_club.code, member_ids)


async def remove_members(
    session: WriteSession, sub_club_id: int, member_ids: Sequence[int]
) -> MembersChanged:
    """Have members belong to it no more.

    Raises:
        SubClubNotFound
    """
    sub_club = await _lock(session, sub_club_id)
    return await belonging.leave(session, "club_level", sub_club.code, member_ids)


async def read_members(
    session: ReadSession, sub_club_id: int, query: BelongingQuery
) -> Page[BelongingMember]:
    """A page of a sub-club's members.

    Raises:
        SubClubNotFound
    """
    sub_club = await find(session, sub_club_id)
    return await belonging.read_page(session, "club_level", sub_club.code, query)


async def shown(session: AnySession, sub_club: SubClub) -> SubClubRead:
    """The sub-club as it is shown."""
    return (await _shown(session, [sub_club]))[0]


async def _shown(session: AnySession, rows: Sequence[SubClub]) -> list[SubClubRead]:
    counts = await belonging.count(session, "club_level", [row.code for row in rows])
    return [
        SubClubRead(
            id=row.id,
            code=row.code,
            title=row.title,
            title_fa=row.title_fa,
            policy=row.policy,
            earns=row.earns,
            members=counts[row.code],
            created_at=row.created_at,
        )
        for row in rows
    ]


async def _lock(session: WriteSession, sub_club_id: int) -> SubClub:
    sub_club = await session.get(SubClub, sub_club_id, with_for_update=True)
    if sub_club is None:
        raise SubClubNotFound
    return sub_club
