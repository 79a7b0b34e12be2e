"""What tickets hold of a member, for export and erasing."""

from sqlalchemy import delete, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.files.file_table import StoredFile
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.tickets.handling import thread
from host_api.services.tickets.models import Ticket, TicketFile, TicketMessage
from host_api.services.tickets.schemas import TicketState

# Stands where somebody's words were.
_ERASED = "—"


async def _tickets(session: AnySession, member_id: int) -> list[Ticket]:
    rows = await session.scalars(select(Ticket).where(Ticket.member_id == member_id).order_by(Ticket.id))
    return list(rows)


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    rows = await _tickets(session, member_id)
    if not rows:
        return {}
    return {
        "tickets": [
            (await thread(session, cipher, row, is_for_member=True)).model_dump(mode="json") for row in rows
        ]
    }


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    tickets = await _tickets(session, member_id)
    ids = [ticket.id for ticket in tickets]
    messages = list(await session.scalars(select(TicketMessage).where(TicketMessage.ticket_id.in_(ids))))
    files = list(await session.scalars(select(TicketFile).where(TicketFile.ticket_id.in_(ids))))
    for ticket in tickets:
        ticket.subject, ticket.subject_key, ticket.values = _ERASED, "", {}
    for message in messages:
        message.text_sealed = None
    for file in files:
        file.name = _ERASED
    await session.execute(
        delete(StoredFile)
        .where(StoredFile.id.in_([file.file_id for file in files]))
        .execution_options(synchronize_session=False)
    )
    return [*tickets, *messages, *files]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    unfinished = (TicketState.OPEN, TicketState.ANSWERED)
    if all(ticket.state not in unfinished for ticket in await _tickets(session, member_id)):
        return []
    return [Hindrance("ticket-open", "A ticket of the member is open", "یکی از تیکت‌های عضو باز است.")]


PERSONAL_DATA = PersonalData(
    name="tickets",
    title="Tickets",
    title_fa="تیکت‌ها",
    kept="That there were tickets, when and of which type, without what was written and without files.",
    kept_fa="این که تیکت‌هایی، کی و از چه نوعی بوده است، بدون نوشته‌ها و پیوست‌ها.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
