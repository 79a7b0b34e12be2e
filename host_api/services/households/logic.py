"""Making households, joining, leaving and moving."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.households import repository
from host_api.services.households.events import HOUSEHOLD_JOINED, HOUSEHOLD_LEFT, HouseholdChange
from host_api.services.households.listing import HouseholdQuery
from host_api.services.households.models import Household, HouseholdMember
from host_api.services.households.schemas import (
    MOST_MEMBERS,
    HouseholdCreate,
    HouseholdRead,
    HouseholdRelation,
    HouseholdUpdate,
    JoiningCreate,
    RelativeRead,
)
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.standing import set_standings

_DRAWS = 5


class HouseholdNotFound(Problem):
    """No household has this id."""

    status = 404
    code = "household-not-found"
    title = "Household not found"
    title_fa = "خانوار پیدا نشد"
    detail = "There is no household with this id."
    detail_fa = "خانواری با این شناسه وجود ندارد."


class NotInHousehold(Problem):
    """The member isn't in the household."""

    status = 404
    code = "not-in-household"
    title = "Not in the household"
    title_fa = "عضو این خانوار نیست"
    detail = "This member is not in this household."
    detail_fa = "این عضو در این خانوار نیست."


class InAnotherHousehold(Problem):
    """The member is in a household already."""

    status = 409
    code = "in-another-household"
    title = "In a household already"
    title_fa = "عضو خانوار دیگری است"
    detail = "This member is in a household already; ask for a move, or let them leave it first."
    detail_fa = "این عضو هم‌اکنون در خانواری است؛ جابه‌جایی بخواهید یا نخست از آن خارج شود."
    field = "member_id"


class MemberNotActive(Problem):
    """A blocked member joins no household."""

    status = 409
    code = "household-member-not-active"
    title = "Member is not active"
    title_fa = "عضو فعال نیست"
    detail = "A blocked member can't join a household."
    detail_fa = "عضو مسدود نمی‌تواند به خانوار بپیوندد."
    field = "member_id"


class HouseholdFull(Problem):
    """The household has as many members as one may have."""

    status = 409
    code = "household-full"
    title = "Household is full"
    title_fa = "خانوار پر است"
    detail = "A household has at most 20 members."
    detail_fa = "هر خانوار حداکثر ۲۰ عضو دارد."


class HouseholdDissolved(Problem):
    """Everybody has left the household."""

    status = 409
    code = "household-dissolved"
    title = "Household is dissolved"
    title_fa = "خانوار منحل شده است"
    detail = "Everybody has left this household; make a new one."
    detail_fa = "همه از این خانوار رفته‌اند؛ خانوار تازه‌ای بسازید."


class HeadMustBeReplaced(Problem):
    """The head leaves last, or names another head first."""

    status = 409
    code = "household-head-leaves-last"
    title = "Name another head first"
    title_fa = "نخست سرپرست دیگری تعیین کنید"
    detail = "The head can leave only after somebody else has become the head, or as the last one."
    detail_fa = "سرپرست تنها وقتی می‌تواند برود که کس دیگری سرپرست شده باشد یا آخرین نفر باشد."


async def create(session: WriteSession, wanted: HouseholdCreate) -> Household:
    """Make a household; its members' records go to the switch with its number.

    Raises:
        members.MemberNotFound, MemberNotActive, InAnotherHousehold
    """
    household = await _add(session, wanted.name)
    await _join(session, household, wanted.head_id, HouseholdRelation.HEAD)
    for relative in wanted.members:
        await _join(session, household, relative.member_id, HouseholdRelation(relative.relation.value))
    return household


async def find(session: AnySession, household_id: int) -> Household:
    """One household.

    Raises:
        HouseholdNotFound
    """
    household = await repository.find(session, household_id)
    if household is None:
        raise HouseholdNotFound
    return household


async def shown(session: AnySession, household: Household) -> HouseholdRead:
    """A household as people see it."""
    present = await repository.present(session, [household.id])
    return _read(household, present.get(household.id, []))


async def read_page(session: ReadSession, query: HouseholdQuery) -> Page[HouseholdRead]:
    """A page of households."""
    statement = select(Household)
    if query.member_id is not None:
        statement = statement.where(
            Household.id.in_(
                select(HouseholdMember.household_id).where(
                    HouseholdMember.member_id == query.member_id, HouseholdMember.left_at.is_(None)
                )
            )
        )
    households, next_cursor = await read_rows(session, statement, query)
    present = await repository.present(session, [household.id for household in households])
    return Page(
        items=[_read(household, present.get(household.id, [])) for household in households],
        next_cursor=next_cursor,
    )


async def change(
    session: WriteSession, household_id: int, if_match: str, wanted: HouseholdUpdate
) -> Household:
    """Change the name, or who is the head.

    Raises:
        HouseholdNotFound, NotInHousehold, ChangedMeanwhile
    """
    household = await _lock(session, household_id)
    check_version(household, if_match)
    if "name" in wanted.model_fields_set:
        household.name = wanted.name
    if wanted.head_id is not None:
        await _make_head(session, household, wanted.head_id)
    flag_modified(household, "name")  # a new head is a change of the household
    await session.flush()
    return household


async def join(session: WriteSession, household_id: int, wanted: JoiningCreate) -> Household:
    """Take a member in; with `is_move` out of the household where they are.

    Raises:
        HouseholdNotFound, HouseholdDissolved, HouseholdFull, HeadMustBeReplaced
        members.MemberNotFound, MemberNotActive, InAnotherHousehold
    """
    now_in = await repository.membership(session, wanted.member_id)
    is_elsewhere = now_in is not None and now_in.household_id != household_id
    # In the order of ids, so that two moves the other way round don't wait for each other.
    involved = {household_id} | ({now_in.household_id} if now_in is not None and is_elsewhere else set())
    locked = {one: await _lock(session, one) for one in sorted(involved)}
    household = locked[household_id]
    if household.dissolved_at is not None:
        raise HouseholdDissolved
    present = (await repository.present(session, [household_id])).get(household_id, [])
    if len(present) >= MOST_MEMBERS:
        raise HouseholdFull
    if now_in is not None and is_elsewhere and wanted.is_move:
        await _leave(session, locked[now_in.household_id], wanted.member_id)
    await _join(session, household, wanted.member_id, HouseholdRelation(wanted.relation.value))
    return household


async def leave(session: WriteSession, household_id: int, member_id: int) -> Household:
    """Let a member go; pooled units stay with the household.

    Raises:
        HouseholdNotFound, NotInHousehold, HeadMustBeReplaced
    """
    household = await _lock(session, household_id)
    await _leave(session, household, member_id)
    return household


async def withdraw(session: WriteSession, member_id: int) -> None:
    """Take a member out of their household; where they were its head, the one longest there becomes it."""
    now_in = await repository.membership(session, member_id)
    if now_in is None:
        await set_standings(session, {member_id: {"household": None}})
        return
    household = await _lock(session, now_in.household_id)
    others = [
        row
        for row in (await repository.present(session, [household.id])).get(household.id, [])
        if row.member_id != member_id
    ]
    if now_in.relation == HouseholdRelation.HEAD and others:
        await _make_head(session, household, others[0].member_id)
    await _leave(session, household, member_id)


async def take_place(session: WriteSession, from_member: int, to_member: int) -> None:
    """Have one record of a person stand where another stood, unless it is in a household already."""
    now_in = await repository.membership(session, from_member)
    if now_in is None or await repository.membership(session, to_member) is not None:
        await withdraw(session, from_member)
        return
    household = await _lock(session, now_in.household_id)
    relation = HouseholdRelation(now_in.relation)
    await _end(session, household, now_in)
    await _join(session, household, to_member, relation)


async def _add(session: WriteSession, name: str | None) -> Household:
    for _ in range(_DRAWS):
        household = Household(
            number=await repository.next_number(session), name=name, created_at=utc_now(), dissolved_at=None
        )
        try:
            async with session.begin_nested():
                session.add(household)
        except IntegrityError:  # somebody made one at the same moment
            continue
        return household
    raise RuntimeError("every household number tried was taken")


async def _lock(session: WriteSession, household_id: int) -> Household:
    household = await repository.lock(session, household_id)
    if household is None:
        raise HouseholdNotFound
    return household


async def _join(
    session: WriteSession, household: Household, member_id: int, relation: HouseholdRelation
) -> None:
    member = await members.read(session, member_id)
    if member.status is not MemberStatus.ACTIVE:
        raise MemberNotActive
    if await repository.membership(session, member_id) is not None:
        raise InAnotherHousehold
    row = HouseholdMember(
        household_id=household.id,
        member_id=member_id,
        relation=relation.value,
        joined_at=utc_now(),
        left_at=None,
    )
    async with conflict_as(InAnotherHousehold()):
        session.add(row)
        await session.flush()
    await set_standings(session, {member_id: {"household": household.number}})
    _tell(session, row, is_joining=True)


async def _leave(session: WriteSession, household: Household, member_id: int) -> None:
    present = (await repository.present(session, [household.id])).get(household.id, [])
    row = next((row for row in present if row.member_id == member_id), None)
    if row is None:
        raise NotInHousehold
    if row.relation == HouseholdRelation.HEAD and len(present) > 1:
        raise HeadMustBeReplaced
    await _end(session, household, row)
    if len(present) == 1:
        household.dissolved_at = utc_now()
    await session.flush()


async def _end(session: WriteSession, household: Household, row: HouseholdMember) -> None:
    row.left_at = utc_now()
    await session.flush()
    await set_standings(session, {row.member_id: {"household": None}})
    _tell(session, row, is_joining=False)


async def _make_head(session: WriteSession, household: Household, member_id: int) -> None:
    present = (await repository.present(session, [household.id])).get(household.id, [])
    wanted = next((row for row in present if row.member_id == member_id), None)
    if wanted is None:
        raise NotInHousehold
    for row in present:
        if row.relation == HouseholdRelation.HEAD and row is not wanted:
            row.relation = HouseholdRelation.OTHER.value
            await session.flush()  # two heads are refused, for a moment too
    wanted.relation = HouseholdRelation.HEAD.value
    await session.flush()


def _tell(session: WriteSession, row: HouseholdMember, *, is_joining: bool) -> None:
    emit(
        session,
        HOUSEHOLD_JOINED if is_joining else HOUSEHOLD_LEFT,
        Subject("member", row.member_id),
        HouseholdChange(
            household_id=row.household_id, member_id=row.member_id, relation=HouseholdRelation(row.relation)
        ),
    )


def _read(household: Household, present: Sequence[HouseholdMember]) -> HouseholdRead:
    return HouseholdRead(
        id=household.id,
        number=household.number,
        name=household.name,
        members=[
            RelativeRead(
                member_id=row.member_id,
                relation=HouseholdRelation(row.relation),
                joined_at=row.joined_at,
                left_at=row.left_at,
            )
            for row in present
        ],
        created_at=household.created_at,
        dissolved_at=household.dissolved_at,
    )
