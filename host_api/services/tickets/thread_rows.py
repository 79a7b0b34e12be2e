"""What is written in tickets, and their files, as rows."""

from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.tickets.models import TEXT, Ticket, TicketFile, TicketMessage, TicketStep
from host_api.services.tickets.problems import TicketFull
from host_api.services.tickets.schemas import StepKind, TicketFileRead, TicketMessageRead, TicketStepRead

MOST_MESSAGES = 300
MOST_FILES = 20


async def add_message(
    session: WriteSession,
    cipher: FieldCipher,
    ticket: Ticket,
    text: str,
    *,
    author: str,
    is_of_member: bool,
    is_internal: bool = False,
) -> TicketMessage:
    """Add what was written.

    Raises:
        TicketFull
    """
    count = await session.scalar(
        select(func.count()).select_from(TicketMessage).where(TicketMessage.ticket_id == ticket.id)
    )
    if (count or 0) >= MOST_MESSAGES:
        raise TicketFull
    row = TicketMessage(
        ticket_id=ticket.id,
        at=utc_now(),
        is_of_member=is_of_member,
        is_internal=is_internal,
        author=author,
    )
    session.add(row)
    await session.flush()
    TEXT.seal(cipher, row, text)
    await session.flush()
    return row


async def messages_of(
    session: AnySession, cipher: FieldCipher, ticket_id: int, *, is_for_member: bool
) -> list[TicketMessageRead]:
    """What was written, the first first; members see nothing internal, and no names of staff."""
    statement = select(TicketMessage).where(TicketMessage.ticket_id == ticket_id)
    if is_for_member:
        statement = statement.where(TicketMessage.is_internal.is_(False))
    rows = await session.scalars(statement.order_by(TicketMessage.id).limit(2 * MOST_MESSAGES))
    return [
        TicketMessageRead(
            id=row.id,
            at=row.at,
            is_of_member=row.is_of_member,
            is_internal=row.is_internal,
            author="" if is_for_member else row.author,
            text=TEXT.open(cipher, row),
        )
        for row in rows
    ]


async def files_of(session: AnySession, ticket_id: int, *, is_for_member: bool) -> list[TicketFileRead]:
    """The files, the first first."""
    statement = select(TicketFile).where(TicketFile.ticket_id == ticket_id)
    if is_for_member:
        statement = statement.where(TicketFile.is_internal.is_(False))
    rows = await session.scalars(statement.order_by(TicketFile.id).limit(2 * MOST_FILES))
    return [shown_file(row, is_for_member=is_for_member) for row in rows]


async def steps_of(session: AnySession, ticket_id: int, *, is_for_member: bool) -> list[TicketStepRead]:
    """The way of a ticket; members see no names and notes."""
    rows = await session.scalars(
        select(TicketStep).where(TicketStep.ticket_id == ticket_id).order_by(TicketStep.id).limit(1000)
    )
    return [
        TicketStepRead(
            at=row.at,
            kind=StepKind(row.kind),
            by="" if is_for_member else row.by,
            from_department_id=row.from_department_id,
            to_department_id=row.to_department_id,
            assignee_name=None if is_for_member else row.assignee_name,
            note=None if is_for_member else row.note,
        )
        for row in rows
    ]


def shown_file(row: TicketFile, *, is_for_member: bool) -> TicketFileRead:
    """A file as callers see it."""
    return TicketFileRead(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        is_internal=row.is_internal,
        at=row.at,
        author="" if is_for_member else row.author,
    )
