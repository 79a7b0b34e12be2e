"""What a program fetches that sends text messages for a club without a gateway of its own."""

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import ReadSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.listing import Page, read_rows
from host_api.services.messages.gateways.logic import active
from host_api.services.messages.listing import TextQuery
from host_api.services.messages.models import WaitingText
from host_api.services.messages.schemas import WaitingTextRead
from host_api.services.messages.sending.judging import judge
from host_api.services.messages.states import Channel, MessageState


async def waiting(session: ReadSession, cipher: FieldCipher, query: TextQuery) -> Page[WaitingTextRead]:
    """Text messages that may be sent now; none where a gateway sends them."""
    if Channel.SMS in await active(session):
        return Page(items=[], next_cursor=None)
    now = utc_now()
    statement = select(WaitingText).where(
        WaitingText.is_waiting,
        WaitingText.channel == Channel.SMS.value,
        WaitingText.state == MessageState.WAITING.value,
        WaitingText.due_at <= now,
        WaitingText.expires_at > now,
    )
    rows, next_cursor = await read_rows(session, statement, query)
    items = [
        WaitingTextRead(
            id=judged.row.id,
            topic=judged.row.topic,
            receiver=judged.outgoing.address,
            text=judged.outgoing.text,
            expires_at=judged.row.expires_at,
        )
        for judged in await judge(session, cipher, rows, now)
        if judged.outgoing is not None
    ]
    return Page(items=items, next_cursor=next_cursor)
