"""Departments: what they promise, who works there, what they see, and whose customers members are."""

from collections.abc import Mapping

from sqlalchemy import delete, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.members import logic as members
from host_api.services.tickets import access
from host_api.services.tickets.listing import TicketDepartmentQuery
from host_api.services.tickets.models import TicketDepartment, TicketLink, TicketStaff
from host_api.services.tickets.problems import (
    DepartmentsInACircle,
    TicketCodeTaken,
    TicketDepartmentNotFound,
)
from host_api.services.tickets.schemas import (
    TicketDepartmentCreate,
    TicketDepartmentRead,
    TicketDepartmentUpdate,
    TicketLinkCreate,
    TicketLinkRead,
    TicketStaffCreate,
    TicketStaffRead,
    WorkingHours,
)

_DEEPEST = 8
_MOST_OF_A_DEPARTMENT = 500


async def create(
    session: WriteSession, wanted: TicketDepartmentCreate
) -> tuple[TicketDepartmentRead, TicketDepartment]:
    """Add a department.

    Raises:
        TicketCodeTaken, TicketDepartmentNotFound
    """
    row = TicketDepartment(**wanted.model_dump(mode="json"), is_open=True)
    if row.above_id is not None:
        await find(session, row.above_id)
    session.add(row)
    async with conflict_as(TicketCodeTaken()):
        await session.flush()
    return shown(row), row


async def change(
    session: WriteSession, department_id: int, wanted: TicketDepartmentUpdate, if_match: str
) -> tuple[TicketDepartmentRead, TicketDepartment]:
    """Change a department; what tickets were promised before stays.

    Raises:
        TicketDepartmentNotFound, ChangedMeanwhile, DepartmentsInACircle
    """
    row = await find(session, department_id)
    check_version(row, if_match)
    given = wanted.model_dump(mode="json", exclude_unset=True)
    for name, value in given.items():
        if name == "above_id" or value is not None:
            setattr(row, name, value)
    if row.above_id is not None:
        await _check_above(session, row)
    await session.flush()
    return shown(row), row


async def find(session: AnySession, department_id: int) -> TicketDepartment:
    """One department, as a row.

    Raises:
        TicketDepartmentNotFound
    """
    row = await session.get(TicketDepartment, department_id)
    if row is None:
        raise TicketDepartmentNotFound
    return row


async def find_open(session: AnySession, department_id: int) -> TicketDepartment:
    """One that takes tickets.

    Raises:
        TicketDepartmentNotFound
    """
    row = await find(session, department_id)
    if not row.is_open:
        raise TicketDepartmentNotFound
    return row


async def read_page(session: ReadSession, query: TicketDepartmentQuery) -> Page[TicketDepartmentRead]:
    """A page of departments."""
    rows, next_cursor = await read_rows(session, select(TicketDepartment), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def visible_to(session: AnySession, caller: Caller) -> frozenset[int] | None:
    """Departments whose tickets a caller sees: their own and all below; None for every one."""
    if access.APPROVE.is_in(caller.granted):
        return None
    own = await session.scalars(select(TicketStaff.department_id).where(TicketStaff.caller_key == caller.key))
    found = set(own)
    above = await _above(session)
    for _ in range(_DEEPEST):
        below = {each for each, over in above.items() if over in found}
        if below <= found:
            break
        found |= below
    return frozenset(found)


async def of_member(session: AnySession, member_id: int) -> int | None:
    """The department whose customer a member is, directly or by their organisation."""
    direct: int | None = await session.scalar(
        select(TicketLink.department_id).where(TicketLink.member_id == member_id)
    )
    if direct is not None:
        return direct
    organisation = (await members.read(session, member_id)).organisation
    if organisation is None:
        return None
    found: int | None = await session.scalar(
        select(TicketLink.department_id).where(TicketLink.organisation == organisation)
    )
    return found


async def add_staff(session: WriteSession, department_id: int, wanted: TicketStaffCreate) -> TicketStaffRead:
    """Have somebody work in a department.

    Raises:
        TicketDepartmentNotFound, TicketCodeTaken
    """
    await find(session, department_id)
    row = TicketStaff(department_id=department_id, **wanted.model_dump())
    session.add(row)
    async with conflict_as(TicketCodeTaken()):
        await session.flush()
    return _shown_staff(row)


async def staff_of(session: AnySession, department_id: int) -> list[TicketStaffRead]:
    """Who works in a department.

    Raises:
        TicketDepartmentNotFound
    """
    await find(session, department_id)
    rows = await session.scalars(
        select(TicketStaff)
        .where(TicketStaff.department_id == department_id)
        .order_by(TicketStaff.id)
        .limit(_MOST_OF_A_DEPARTMENT)
    )
    return [_shown_staff(row) for row in rows]


async def name_of_staff(session: AnySession, department_id: int, caller_key: str) -> str | None:
    """What somebody who works in a department is called; None for whoever doesn't."""
    found: str | None = await session.scalar(
        select(TicketStaff.name).where(
            TicketStaff.department_id == department_id, TicketStaff.caller_key == caller_key
        )
    )
    return found


async def remove_staff(session: WriteSession, department_id: int, staff_id: int) -> None:
    """Have somebody work there no more; told again, nothing changes.

    Raises:
        TicketDepartmentNotFound
    """
    await find(session, department_id)
    await session.execute(
        delete(TicketStaff).where(TicketStaff.id == staff_id, TicketStaff.department_id == department_id)
    )


async def link(session: WriteSession, department_id: int, wanted: TicketLinkCreate) -> TicketLinkRead:
    """Make a member, or all of an organisation, customers of a department.

    Raises:
        TicketDepartmentNotFound, MemberNotFound, TicketCodeTaken
    """
    await find(session, department_id)
    if wanted.member_id is not None:
        await members.find(session, wanted.member_id)
    row = TicketLink(department_id=department_id, **wanted.model_dump())
    session.add(row)
    async with conflict_as(TicketCodeTaken()):
        await session.flush()
    return _shown_link(row)


async def links_of(session: AnySession, department_id: int) -> list[TicketLinkRead]:
    """The first customers of a department, organisations before members.

    Raises:
        TicketDepartmentNotFound
    """
    await find(session, department_id)
    rows = await session.scalars(
        select(TicketLink)
        .where(TicketLink.department_id == department_id)
        .order_by(TicketLink.organisation.is_(None), TicketLink.id)
        .limit(_MOST_OF_A_DEPARTMENT)
    )
    return [_shown_link(row) for row in rows]


async def unlink(session: WriteSession, department_id: int, link_id: int) -> None:
    """Take a link away; told again, nothing changes.

    Raises:
        TicketDepartmentNotFound
    """
    await find(session, department_id)
    await session.execute(
        delete(TicketLink).where(TicketLink.id == link_id, TicketLink.department_id == department_id)
    )


def shown(row: TicketDepartment) -> TicketDepartmentRead:
    """A department as callers see it."""
    return TicketDepartmentRead(
        id=row.id,
        code=row.code,
        name_fa=row.name_fa,
        name_en=row.name_en,
        above_id=row.above_id,
        hours=[WorkingHours.model_validate(part) for part in row.hours],
        first_answer_minutes=row.first_answer_minutes,
        resolution_minutes=row.resolution_minutes,
        is_open=row.is_open,
    )


async def _check_above(session: AnySession, row: TicketDepartment) -> None:
    above: Mapping[int, int | None] = {**await _above(session), row.id: row.above_id}
    place: int | None = row.above_id
    for _ in range(_DEEPEST):
        if place is None:
            return
        if place not in above:
            raise TicketDepartmentNotFound
        if place == row.id:
            break
        place = above[place]
    raise DepartmentsInACircle


async def _above(session: AnySession) -> dict[int, int | None]:
    rows = await session.execute(select(TicketDepartment.id, TicketDepartment.above_id))
    return {row.id: row.above_id for row in rows}


def _shown_staff(row: TicketStaff) -> TicketStaffRead:
    return TicketStaffRead(
        id=row.id, department_id=row.department_id, caller_key=row.caller_key, name=row.name
    )


def _shown_link(row: TicketLink) -> TicketLinkRead:
    return TicketLinkRead(
        id=row.id,
        department_id=row.department_id,
        member_id=row.member_id,
        organisation=row.organisation,
    )
