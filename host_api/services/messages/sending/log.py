"""The log of messages: listed, summed up, and what a person decides about messages that are held."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select, update

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_store import enqueue
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.tehran_time import period_of_days
from host_api.services.messages.logic import SEND_MESSAGES
from host_api.services.messages.models import WaitingText
from host_api.services.messages.problems import TextNotFound
from host_api.services.messages.sending.judging import judge
from host_api.services.messages.sending.listing import MessageExportQuery, MessageQuery, MessageReportQuery
from host_api.services.messages.sending.schemas import (
    HeldRelease,
    HeldReleased,
    MessageRead,
    MessageReport,
    MessageReportRow,
    MessageText,
)
from host_api.services.messages.states import Channel, MessageState

_REJECTED: Final = "rejected"


async def read_page(session: ReadSession, query: MessageQuery) -> Page[MessageRead]:
    """A page of the log."""
    rows, next_cursor = await read_rows(session, select(WaitingText), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: MessageExportQuery, cursor: str | None, limit: int
) -> tuple[Sequence[MessageRead], str | None]:
    """Messages after a cursor, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(WaitingText), query, cursor, limit)
    return [_read(row) for row in rows], next_cursor


async def read_text(session: AnySession, cipher: FieldCipher, message_id: int) -> MessageText:
    """What a message says that goes by webhook.

    Raises:
        TextNotFound: it goes otherwise, or is of no use any more.
    """
    row = await session.get(WaitingText, message_id)
    if row is None or row.channel != Channel.WEBHOOK.value or row.member_id is None or not row.is_waiting:
        raise TextNotFound
    judged = (await judge(session, cipher, [row], utc_now()))[0]
    if judged.outgoing is None:
        raise TextNotFound
    return MessageText(
        id=row.id, member_id=row.member_id, subject=judged.outgoing.subject, text=judged.outgoing.text
    )


async def release(session: WriteSession, caller: Caller, wanted: HeldRelease) -> HeldReleased:
    """Have held messages of a topic sent, or drop them."""
    now = utc_now()
    state = MessageState.WAITING if wanted.is_to_be_sent else MessageState.DROPPED
    values: dict[str, object] = {"state": state.value, "due_at": now}
    if not wanted.is_to_be_sent:
        values |= {"is_waiting": False, "failure": _REJECTED, "text_plain": None, "values": None}
    done = await session.execute(
        update(WaitingText)
        .where(
            WaitingText.state == MessageState.HELD.value,
            WaitingText.topic == wanted.topic,
            WaitingText.id <= wanted.up_to_id,
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if wanted.is_to_be_sent:
        enqueue(session, SEND_MESSAGES, {}, caller, now=now)
    return HeldReleased(messages=int(getattr(done, "rowcount", 0)))


async def report(session: ReadSession, query: MessageReportQuery) -> MessageReport:
    """Counts, parts and cost by channel, topic and state."""
    period = period_of_days(query.first, query.last)
    found = await session.execute(
        select(
            WaitingText.channel,
            WaitingText.topic,
            WaitingText.state,
            func.count(),
            func.coalesce(func.sum(WaitingText.parts), 0),
            func.coalesce(func.sum(WaitingText.cost_rials), 0),
        )
        .where(WaitingText.created_at >= period.start, WaitingText.created_at < period.end)
        .group_by(WaitingText.channel, WaitingText.topic, WaitingText.state)
        .order_by(WaitingText.channel, WaitingText.topic, WaitingText.state)
    )
    rows = [
        MessageReportRow(
            channel=Channel(channel),
            topic=topic,
            state=MessageState(state),
            messages=messages,
            parts=int(parts or 0),
            cost_rials=int(cost or 0),
        )
        for channel, topic, state, messages, parts, cost in found
    ]
    return MessageReport(
        first=query.first,
        last=query.last,
        rows=rows,
        messages=sum(row.messages for row in rows),
        cost_rials=sum(row.cost_rials for row in rows),
    )


def _read(row: WaitingText) -> MessageRead:
    return MessageRead.model_validate({name: getattr(row, name) for name in MessageRead.model_fields})
