"""What is done with a ticket: answered, led on, ended, opened again, merged, scored."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.members import logic as members
from host_api.services.messages.logic import language_of, tell_member
from host_api.services.messages.schemas import MessageLanguage
from host_api.services.tickets import canned, departments, logic
from host_api.services.tickets.events import TICKET_ANSWERED, TICKET_LATE, TICKET_RESOLVED
from host_api.services.tickets.models import Ticket, TicketFile, TicketMessage
from host_api.services.tickets.problems import NotStaffOfDepartment, TicketNotFound, TicketNotInThisState
from host_api.services.tickets.promises import promise
from host_api.services.tickets.schemas import (
    MemberMessageCreate,
    StepKind,
    TicketForward,
    TicketMerge,
    TicketMessageCreate,
    TicketScore,
    TicketState,
    TicketThread,
)
from host_api.services.tickets.thread_rows import add_message, files_of, messages_of, steps_of

REOPENED_WITHIN: Final = timedelta(days=14)
_UNFINISHED: Final = (TicketState.OPEN, TicketState.ANSWERED)
_JOB: Final = "late-tickets"


async def thread(
    session: AnySession, cipher: FieldCipher, ticket: Ticket, *, is_for_member: bool
) -> TicketThread:
    """A ticket with all that was written; without what is internal where a member reads it."""
    return TicketThread(
        ticket=(await logic.shown(session, [ticket]))[0],
        messages=await messages_of(session, cipher, ticket.id, is_for_member=is_for_member),
        files=await files_of(session, ticket.id, is_for_member=is_for_member),
        steps=await steps_of(session, ticket.id, is_for_member=is_for_member),
    )


async def answer(
    session: WriteSession, cipher: FieldCipher, caller: Caller, ticket_id: int, wanted: TicketMessageCreate
) -> TicketThread:
    """Write to the member, who is texted that there is an answer; or something for staff alone.

    Raises:
        TicketNotFound, TicketNotInThisState, CannedAnswerNotFound, TicketFull
    """
    ticket = await logic.lock_visible(session, caller, ticket_id)
    _check(ticket, *_UNFINISHED)
    parts = [] if wanted.text is None else [wanted.text]
    if wanted.canned is not None:
        language = await language_of(session, ticket.member_id)
        written = await canned.written(
            session,
            wanted.canned,
            is_english=language is MessageLanguage.ENGLISH,
            tracking_code=ticket.tracking_code,
            subject=ticket.subject,
            name=(await members.find(session, ticket.member_id)).name,
        )
        parts.insert(0, written)
    row = await add_message(
        session,
        cipher,
        ticket,
        "\n\n".join(parts),
        author=caller.name,
        is_of_member=False,
        is_internal=wanted.is_internal,
    )
    if not wanted.is_internal:
        ticket.state, ticket.answer_due_at = TicketState.ANSWERED.value, None
        ticket.first_answered_at = ticket.first_answered_at or row.at
        logic.note_step(session, ticket, StepKind.ANSWERED, caller.name)
        logic.tell(session, TICKET_ANSWERED, ticket)
        await _text(session, ticket, f"answered:{row.id}", "پاسخ تازه دارد", "has an answer")
    await session.flush()
    return await thread(session, cipher, ticket, is_for_member=False)


async def write_as_member(
    session: WriteSession,
    cipher: FieldCipher,
    caller: Caller,
    tracking_code: str,
    wanted: MemberMessageCreate,
) -> TicketThread:
    """Keep what a member writes; a resolved ticket is opened again by it.

    Raises:
        TicketNotFound, TicketNotInThisState, TicketFull
    """
    ticket = await _lock_own(session, tracking_code, wanted.member_id)
    _check(ticket, *_UNFINISHED, TicketState.RESOLVED)
    if ticket.state == TicketState.RESOLVED:
        await _reopen(session, ticket, caller.name)
    ticket.state = TicketState.OPEN.value
    await add_message(session, cipher, ticket, wanted.text, author=caller.name, is_of_member=True)
    return await thread(session, cipher, ticket, is_for_member=True)


async def forward(
    session: WriteSession, cipher: FieldCipher, caller: Caller, ticket_id: int, wanted: TicketForward
) -> TicketThread:
    """Hand a ticket to another unit, or to somebody of its own; what was promised stays promised.

    Raises:
        TicketNotFound, TicketNotInThisState, TicketDepartmentNotFound, NotStaffOfDepartment
    """
    ticket = await logic.lock_visible(session, caller, ticket_id)
    _check(ticket, *_UNFINISHED)
    before = ticket.department_id
    if wanted.department_id is not None:
        ticket.department_id = (await departments.find_open(session, wanted.department_id)).id
    ticket.assignee, ticket.assignee_name = None, None
    if wanted.caller_key is not None:
        name = await departments.name_of_staff(session, ticket.department_id, wanted.caller_key)
        if name is None:
            raise NotStaffOfDepartment
        ticket.assignee, ticket.assignee_name = wanted.caller_key, name
    is_led_on = ticket.department_id != before
    logic.note_step(
        session,
        ticket,
        StepKind.FORWARDED if is_led_on else StepKind.ASSIGNED,
        caller.name,
        from_department_id=before,
        to_department_id=ticket.department_id,
        note=wanted.note,
    )
    await session.flush()
    return await thread(session, cipher, ticket, is_for_member=False)


async def resolve(session: WriteSession, cipher: FieldCipher, caller: Caller, ticket_id: int) -> TicketThread:
    """End a ticket; the member is texted, and may open it again for fourteen days.

    Raises:
        TicketNotFound, TicketNotInThisState
    """
    ticket = await logic.lock_visible(session, caller, ticket_id)
    _check(ticket, *_UNFINISHED)
    ticket.state, ticket.resolved_at = TicketState.RESOLVED.value, utc_now()
    ticket.answer_due_at = ticket.resolution_due_at = None
    logic.note_step(session, ticket, StepKind.RESOLVED, caller.name)
    logic.tell(session, TICKET_RESOLVED, ticket)
    await _text(session, ticket, f"resolved:{ticket.reopened}", "انجام شد", "is resolved")
    await session.flush()
    return await thread(session, cipher, ticket, is_for_member=False)


async def reopen(session: WriteSession, cipher: FieldCipher, caller: Caller, ticket_id: int) -> TicketThread:
    """Open a resolved ticket again.

    Raises:
        TicketNotFound, TicketNotInThisState
    """
    ticket = await logic.lock_visible(session, caller, ticket_id)
    _check(ticket, TicketState.RESOLVED)
    await _reopen(session, ticket, caller.name)
    await session.flush()
    return await thread(session, cipher, ticket, is_for_member=False)


async def merge(
    session: WriteSession, cipher: FieldCipher, caller: Caller, ticket_id: int, wanted: TicketMerge
) -> TicketThread:
    """Have a ticket go into another one of the same member, with all that was written; its code leads there.

    Raises:
        TicketNotFound, TicketNotInThisState
    """
    first, second = sorted((ticket_id, wanted.into))  # in the order of their ids, whoever merges into whom
    rows = {each: await logic.lock_visible(session, caller, each) for each in (first, second)}
    ticket, target = rows[ticket_id], rows[wanted.into]
    _check(ticket, *_UNFINISHED)
    _check(target, *_UNFINISHED)
    if ticket.id == target.id or ticket.member_id != target.member_id:
        raise TicketNotInThisState
    ticket.state, ticket.merged_into = TicketState.MERGED.value, target.id
    ticket.answer_due_at = ticket.resolution_due_at = None
    for kind in (TicketMessage, TicketFile):
        await session.execute(
            update(kind)
            .where(kind.ticket_id == ticket.id)
            .values(ticket_id=target.id)
            .execution_options(synchronize_session=False)
        )
    # What was merged into it before leads to where it goes itself.
    await session.execute(
        update(Ticket)
        .where(Ticket.merged_into == ticket.id)
        .values(merged_into=target.id)
        .execution_options(synchronize_session=False)
    )
    logic.note_step(session, ticket, StepKind.MERGED, caller.name, note=target.tracking_code)
    logic.note_step(session, target, StepKind.MERGED, caller.name, note=ticket.tracking_code)
    await session.flush()
    return await thread(session, cipher, target, is_for_member=False)


async def score(session: WriteSession, caller: Caller, tracking_code: str, wanted: TicketScore) -> Ticket:
    """Keep how satisfied a member is with a ticket that is over; the last word counts.

    Raises:
        TicketNotFound, TicketNotInThisState
    """
    ticket = await _lock_own(session, tracking_code, wanted.member_id)
    _check(ticket, TicketState.RESOLVED, TicketState.CLOSED)
    ticket.score = wanted.score
    logic.note_step(session, ticket, StepKind.SCORED, caller.name)
    await session.flush()
    return ticket


async def note_late(session: WriteSession, now: datetime, limit: int) -> int:
    """Note tickets whose promised time is over, once each, and hand them to the unit above; how many."""
    due = await session.scalars(
        select(Ticket)
        .where((Ticket.answer_due_at <= now) | (Ticket.resolution_due_at <= now))
        .order_by(Ticket.id)
        .limit(limit)
        .with_for_update()
    )
    rows = due.all()
    for ticket in rows:
        if ticket.answer_due_at is not None and ticket.answer_due_at <= now:
            ticket.breaches |= logic.ANSWER_LATE
            ticket.answer_due_at = None
            logic.note_step(session, ticket, StepKind.LATE_ANSWER, _JOB)
        if ticket.resolution_due_at is not None and ticket.resolution_due_at <= now:
            ticket.breaches |= logic.END_LATE
            ticket.resolution_due_at = None
            logic.note_step(session, ticket, StepKind.LATE_END, _JOB)
        await _escalate(session, ticket)
        logic.tell(session, TICKET_LATE, ticket)
    await session.flush()
    return len(rows)


async def close_old(session: WriteSession, now: datetime, limit: int) -> int:
    """Close tickets that were resolved fourteen days ago; how many."""
    due = await session.scalars(
        select(Ticket)
        .where(Ticket.state == TicketState.RESOLVED.value, Ticket.resolved_at <= now - REOPENED_WITHIN)
        .order_by(Ticket.id)
        .limit(limit)
        .with_for_update()
    )
    rows = due.all()
    for ticket in rows:
        ticket.state = TicketState.CLOSED.value
        logic.note_step(session, ticket, StepKind.CLOSED, _JOB)
    await session.flush()
    return len(rows)


async def _escalate(session: WriteSession, ticket: Ticket) -> None:
    department = await departments.find(session, ticket.department_id)
    above = None if department.above_id is None else await departments.find(session, department.above_id)
    if above is None or not above.is_open:
        return
    ticket.department_id, ticket.assignee, ticket.assignee_name = above.id, None, None
    logic.note_step(
        session,
        ticket,
        StepKind.ESCALATED,
        _JOB,
        from_department_id=department.id,
        to_department_id=above.id,
    )


async def _reopen(session: WriteSession, ticket: Ticket, by: str) -> None:
    department = await departments.find(session, ticket.department_id)
    ticket.state, ticket.resolved_at = TicketState.OPEN.value, None
    ticket.reopened += 1
    ticket.resolution_due_at = (await promise(session, department, utc_now())).end
    logic.note_step(session, ticket, StepKind.REOPENED, by)


async def _lock_own(session: WriteSession, tracking_code: str, member_id: int) -> Ticket:
    found = await logic.find_of_member(session, tracking_code, member_id)
    row = await session.get(Ticket, found.id, with_for_update=True, populate_existing=True)
    if row is None:
        raise TicketNotFound
    return row


async def _text(session: WriteSession, ticket: Ticket, what: str, text_fa: str, text_en: str) -> None:
    await tell_member(
        session,
        ticket.member_id,
        topic=logic.SERVICE,
        reference=f"{ticket.id}:{what}",
        text_fa=f"تیکت {ticket.tracking_code} {text_fa}.",
        text_en=f"Ticket {ticket.tracking_code} {text_en}.",
    )


def _check(ticket: Ticket, *states: TicketState) -> None:
    if TicketState(ticket.state) not in states:
        raise TicketNotInThisState
