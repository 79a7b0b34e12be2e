"""Tags of the club's own, and who has them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, select

from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.members.interests.models import Interest, MemberInterest
from host_api.services.members.interests.schemas import (
    InterestCreate,
    InterestQuery,
    InterestRead,
    InterestUpdate,
)


class InterestNotFound(Problem):
    """No interest has this id."""

    status = 404
    code = "interest-not-found"
    title = "Interest not found"
    title_fa = "علاقه پیدا نشد"
    detail = "There is no interest with this id."
    detail_fa = "علاقه‌ای با این شناسه وجود ندارد."


class InterestCodeTaken(Problem):
    """Another interest has this code."""

    status = 409
    code = "interest-code-taken"
    title = "Code taken"
    title_fa = "کد تکراری است"
    detail = "Another interest has this code already."
    detail_fa = "علاقهٔ دیگری همین کد را دارد."
    field = "code"


class InterestUnknown(Problem):
    """A member was to get a tag that the club doesn't offer."""

    status = 422
    code = "interest-unknown"
    title = "No such interest"
    title_fa = "چنین علاقه‌ای نیست"
    detail = "The club offers no interest with one of these codes."
    detail_fa = "باشگاه علاقه‌ای با یکی از این کدها ندارد."
    field = "interests"


async def create(session: WriteSession, wanted: InterestCreate) -> Interest:
    """Add a tag.

    Raises:
        InterestCodeTaken
    """
    interest = Interest(**wanted.model_dump(), is_offered=True)
    session.add(interest)
    async with conflict_as(InterestCodeTaken()):
        await session.flush()
    return interest


async def find(session: AnySession, interest_id: int) -> Interest:
    """One tag.

    Raises:
        InterestNotFound
    """
    interest = await session.get(Interest, interest_id)
    if interest is None:
        raise InterestNotFound
    return interest


async def read_page(session: ReadSession, query: InterestQuery) -> Page[InterestRead]:
    """A page of tags."""
    rows, next_cursor = await read_rows(session, select(Interest), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def change(session: WriteSession, interest_id: int, if_match: str, wanted: InterestUpdate) -> Interest:
    """Change a tag.

    Raises:
        InterestNotFound, ChangedMeanwhile
    """
    interest = await session.get(Interest, interest_id, with_for_update=True)
    if interest is None:
        raise InterestNotFound
    check_version(interest, if_match)
    for name in wanted.model_fields_set:
        value = getattr(wanted, name)
        if value is not None:
            setattr(interest, name, value)
    await session.flush()
    return interest


def shown(row: Interest) -> InterestRead:
    """The tag as it is shown."""
    return InterestRead(
        id=row.id, code=row.code, title=row.title, title_fa=row.title_fa, is_offered=row.is_offered
    )


async def set_of_member(session: WriteSession, member_id: int, codes: Sequence[str]) -> None:
    """Give a member, who is locked or new, exactly these tags.

    Raises:
        InterestUnknown
    """
    held = {
        row.interest_id: row
        for row in await session.scalars(select(MemberInterest).where(MemberInterest.member_id == member_id))
    }
    offered: Mapping[str, Interest] = {
        row.code: row for row in await session.scalars(select(Interest).where(Interest.code.in_(codes)))
    }
    if any(code not in offered for code in codes):
        raise InterestUnknown
    wanted = {row.id for row in offered.values()}
    if any(row.id not in held and not row.is_offered for row in offered.values()):
        raise InterestUnknown
    for number in held.keys() - wanted:
        await session.delete(held[number])
    session.add_all(
        MemberInterest(member_id=member_id, interest_id=number) for number in wanted - held.keys()
    )
    await session.flush()


async def offered(session: AnySession, codes: Sequence[str]) -> set[str]:
    """Those of the codes that members can get now."""
    if not codes:
        return set()
    found = select(Interest.code).where(Interest.code.in_(codes), Interest.is_offered)
    return set(await session.scalars(found))


async def of_members(session: AnySession, member_ids: Sequence[int]) -> dict[int, list[str]]:
    """Codes of each member's tags, in alphabetical order."""
    rows = await session.execute(
        select(MemberInterest.member_id, Interest.code)
        .join(Interest, Interest.id == MemberInterest.interest_id)
        .where(MemberInterest.member_id.in_(member_ids))
        .order_by(Interest.code)
    )
    found: dict[int, list[str]] = {}
    for member_id, code in rows:
        found.setdefault(member_id, []).append(code)
    return found


def members_with(code: str) -> Select[int]:
    """Subquery of the members who have a tag."""
    return (
        select(MemberInterest.member_id)
        .join(Interest, Interest.id == MemberInterest.interest_id)
        .where(Interest.code == code)
    )
