"""Tickets: opened by members, seen by those whose department has them, found by code or words."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, case, func, select, true

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.events.event_type import EventType
from host_api.core.listing import Page, read_rows
from host_api.core.persian_text import name_key, search_words
from host_api.services.members import logic as members
from host_api.services.tickets import departments, types
from host_api.services.tickets.events import TICKET_OPENED, TicketEvent
from host_api.services.tickets.listing import MemberTicketQuery, TicketQuery
from host_api.services.tickets.models import Ticket, TicketStep
from host_api.services.tickets.problems import TicketFull, TicketNotFound
from host_api.services.tickets.promises import promise
from host_api.services.tickets.schemas import StepKind, TicketCreate, TicketRead, TicketReport, TicketState
from host_api.services.tickets.thread_rows import add_message
from host_api.services.tickets.tracking import new_tracking_code, read_tracking_code

SERVICE = "tickets"
ANSWER_LATE, END_LATE = 1, 2

_MOST_OPEN_OF_MEMBER = 50
_UNFINISHED = (TicketState.OPEN.value, TicketState.ANSWERED.value)


async def open_ticket(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: TicketCreate
) -> TicketRead:
    """Take in what a member asks; it goes to the unit whose customer they are, else to the type's.

    Raises:
        MemberNotFound, TicketTypeNotFound, TicketFieldsWrong, TicketFull, TicketDepartmentNotFound
    """
    await members.lock(session, wanted.member_id)  # of two at once the second sees the first
    kind = await types.find_open(session, wanted.type)
    types.check_values(kind, wanted.values)
    open_now = await session.scalar(
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.member_id == wanted.member_id, Ticket.state.in_(_UNFINISHED))
    )
    if (open_now or 0) >= _MOST_OPEN_OF_MEMBER:
        raise TicketFull
    linked = await departments.of_member(session, wanted.member_id)
    department = await departments.find_open(session, linked or kind.department_id)
    now = utc_now()
    promised = await promise(session, department, now)
    row = Ticket(
        tracking_code=await _fresh_code(session),
        type_id=kind.id,
        department_id=department.id,
        member_id=wanted.member_id,
        subject=wanted.subject,
        subject_key=name_key(wanted.subject)[:240],
        values=dict(wanted.values),
        state=TicketState.OPEN.value,
        opened_at=now,
        answer_due_at=promised.answer,
        resolution_due_at=promised.end,
        breaches=0,
        reopened=0,
    )
    session.add(row)
    await session.flush()
    note_step(session, row, StepKind.OPENED, caller.name, to_department_id=department.id)
    await add_message(session, cipher, row, wanted.text, author=caller.name, is_of_member=True)
    tell(session, TICKET_OPENED, row)
    return (await shown(session, [row]))[0]


async def find_of_member(session: AnySession, written_code: str, member_id: int) -> Ticket:
    """A member's own ticket by its code, or the one that it went into.

    Raises:
        TicketNotFound
    """
    code = read_tracking_code(written_code)
    row = (
        None
        if code is None
        else await session.scalar(
            select(Ticket).where(Ticket.tracking_code == code, Ticket.member_id == member_id)
        )
    )
    if row is not None and row.merged_into is not None:
        row = await session.get(Ticket, row.merged_into)
    if row is None or row.member_id != member_id:
        raise TicketNotFound
    return row


async def find_visible(session: AnySession, caller: Caller, ticket_id: int) -> Ticket:
    """A ticket that the caller's departments have; of others it isn't told that they are there.

    Raises:
        TicketNotFound
    """
    row = await session.get(Ticket, ticket_id)
    seen = await departments.visible_to(session, caller)
    if row is None or (seen is not None and row.department_id not in seen):
        raise TicketNotFound
    return row


async def lock_visible(session: WriteSession, caller: Caller, ticket_id: int) -> Ticket:
    """The same, which nobody else changes until the transaction ends.

    Raises:
        TicketNotFound
    """
    await find_visible(session, caller, ticket_id)
    row = await session.get(Ticket, ticket_id, with_for_update=True)
    if row is None:
        raise TicketNotFound
    return row


async def read_page(session: ReadSession, caller: Caller, query: TicketQuery) -> Page[TicketRead]:
    """A page of the tickets that the caller sees."""
    seen = await departments.visible_to(session, caller)
    statement = select(Ticket)
    if seen is not None:
        statement = statement.where(Ticket.department_id.in_(sorted(seen)))
    if query.q is not None:
        statement = statement.where(_is_found(query.q))
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=await shown(session, rows), next_cursor=next_cursor)


async def read_own(session: ReadSession, member_id: int, query: MemberTicketQuery) -> Page[TicketRead]:
    """A page of a member's tickets.

    Raises:
        MemberNotFound
    """
    await members.find(session, member_id)
    rows, next_cursor = await read_rows(session, select(Ticket).where(Ticket.member_id == member_id), query)
    return Page(items=await shown(session, rows), next_cursor=next_cursor)


async def report(session: AnySession, caller: Caller) -> list[TicketReport]:
    """How the departments do that the caller sees."""
    seen = await departments.visible_to(session, caller)
    late = Ticket.breaches
    statement = (
        select(
            Ticket.department_id,
            func.count(),
            func.sum(case((Ticket.state == TicketState.OPEN.value, 1), else_=0)),
            func.sum(case((late.in_((ANSWER_LATE, ANSWER_LATE | END_LATE)), 1), else_=0)),
            func.sum(case((late >= END_LATE, 1), else_=0)),
            func.count(Ticket.score),
            func.coalesce(func.sum(Ticket.score), 0),
        )
        .where(true() if seen is None else Ticket.department_id.in_(sorted(seen)))
        .group_by(Ticket.department_id)
        .order_by(Ticket.department_id)
    )
    return [
        TicketReport(
            department_id=row[0],
            tickets=row[1],
            waiting=row[2],
            answered_late=row[3],
            resolved_late=row[4],
            scored=row[5],
            score_sum=row[6],
        )
        for row in await session.execute(statement)
    ]


def note_step(
    session: WriteSession,
    ticket: Ticket,
    kind: StepKind,
    by: str,
    *,
    from_department_id: int | None = None,
    to_department_id: int | None = None,
    note: str | None = None,
    at: datetime | None = None,
) -> None:
    """Add a step of a ticket's way."""
    session.add(
        TicketStep(
            ticket_id=ticket.id,
            at=at or utc_now(),
            kind=kind.value,
            by=by,
            from_department_id=from_department_id,
            to_department_id=to_department_id,
            assignee_name=ticket.assignee_name,
            note=note,
        )
    )


def tell(session: WriteSession, event: EventType[TicketEvent], ticket: Ticket) -> None:
    """Tell others of a ticket."""
    emit(
        session,
        event,
        Subject("ticket", ticket.id),
        TicketEvent(
            ticket_id=ticket.id,
            member_id=ticket.member_id,
            department_id=ticket.department_id,
            state=TicketState(ticket.state),
        ),
    )


async def shown(session: AnySession, rows: Sequence[Ticket]) -> list[TicketRead]:
    """Tickets as callers see them."""
    codes = await types.codes_of(session, {row.type_id for row in rows})
    return [
        TicketRead(
            id=row.id,
            tracking_code=row.tracking_code,
            type=codes[row.type_id],
            department_id=row.department_id,
            member_id=row.member_id,
            subject=row.subject,
            values=cast("dict[str, str | int]", row.values),
            state=TicketState(row.state),
            assignee=row.assignee,
            assignee_name=row.assignee_name,
            opened_at=row.opened_at,
            answer_due_at=row.answer_due_at,
            resolution_due_at=row.resolution_due_at,
            first_answered_at=row.first_answered_at,
            resolved_at=row.resolved_at,
            was_answered_late=bool(row.breaches & ANSWER_LATE),
            was_resolved_late=bool(row.breaches & END_LATE),
            reopened=row.reopened,
            score=row.score,
            merged_into=row.merged_into,
        )
        for row in rows
    ]


def _is_found(written: str) -> ColumnElement[bool]:
    code = read_tracking_code(written)
    if code is not None:
        return Ticket.tracking_code == code
    words: Collection[str] = search_words(written)
    found: ColumnElement[bool] = true()
    for word in words:
        found &= Ticket.subject_key.contains(word, autoescape=True)
    return found if words else ~true()


async def _fresh_code(session: AnySession) -> str:
    while True:
        code = new_tracking_code()
        if await session.scalar(select(Ticket.id).where(Ticket.tracking_code == code)) is None:
            return code
