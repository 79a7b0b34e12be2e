"""The job that sends: batch by batch, each taken in one transaction and settled in another."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.messages.gateways import logic as gateway_logic
from host_api.services.messages.gateways.adapter import ASK_AT_ONCE, Adapter, Answer
from host_api.services.messages.gateways.models import MessageGateway
from host_api.services.messages.logic import SEND_MESSAGES
from host_api.services.messages.models import WaitingText
from host_api.services.messages.sending.batches import Batch, settle, take, take_over
from host_api.services.messages.states import Channel, MessageState

# A receipt is asked for again after these; then nobody will tell any more.
QUESTIONS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 360, 1_440))
_MOST_QUESTIONS: Final = 20


async def _send(running: RunningJob) -> JsonObject:
    async with running.reading() as session:
        gateways = await gateway_logic.active(session)
    adapters = {
        channel: gateway_logic.opened(running.addresses, running.cipher, row)
        for channel, row in gateways.items()
    }
    repeatable = frozenset(channel for channel, adapter in adapters.items() if adapter.is_repeatable)
    again = [gateways[channel].id for channel in repeatable]
    try:
        async with running.step() as session:
            await take_over(session, again, running.now())
        while True:
            async with running.step() as session:
                batch = await take(session, running.cipher, gateways, running.now())
                running.done += batch.taken
            if not batch.taken:
                break
            answers = await _sent(adapters, batch)
            async with running.step() as session:
                await settle(
                    session, batch, answers, gateways=gateways, repeatable=repeatable, now=running.now()
                )
        arrived = await _ask(running, adapters, gateways)
    finally:
        for adapter in adapters.values():
            await adapter.close()
    return {"handled": running.done, "receipts": arrived}


async def _sent(adapters: Mapping[Channel, Adapter], batch: Batch) -> dict[int, Answer]:
    answers: dict[int, Answer] = {}
    channels = list(batch.by_channel.items())
    for part in await asyncio.gather(*(adapters[channel].send(messages) for channel, messages in channels)):
        answers.update(part)
    return answers


async def _ask(
    running: RunningJob, adapters: Mapping[Channel, Adapter], gateways: Mapping[Channel, MessageGateway]
) -> int:
    """Ask the SMS gateway what became of messages that it took; how many receipts came."""
    adapter, gateway = adapters.get(Channel.SMS), gateways.get(Channel.SMS)
    heard = 0
    if adapter is None or gateway is None:
        return heard
    for _ in range(_MOST_QUESTIONS):
        async with running.reading() as session:
            asked = list(
                await session.scalars(
                    select(WaitingText.provider_id)
                    .where(
                        WaitingText.state == MessageState.SENT.value,
                        WaitingText.due_at <= running.now(),
                        WaitingText.gateway_id == gateway.id,
                    )
                    .order_by(WaitingText.due_at, WaitingText.id)
                    .limit(ASK_AT_ONCE)
                )
            )
        if not asked:
            break
        wanted = [name for name in asked if name is not None]
        receipts = dict(await adapter.ask(wanted))
        names = list({*wanted, *receipts})
        async with running.step() as session:
            rows = await session.scalars(
                select(WaitingText)
                .where(
                    WaitingText.gateway_id == gateway.id,
                    WaitingText.state == MessageState.SENT.value,
                    or_(
                        *(
                            WaitingText.provider_id.in_(names[first : first + ASK_AT_ONCE])
                            for first in range(0, len(names), ASK_AT_ONCE)
                        )
                    ),
                )
                .order_by(WaitingText.id)
                .with_for_update()
            )
            for row in rows:
                _note(row, receipts.get(row.provider_id or ""), running.now())
        heard += len(receipts)
    return heard


def _note(row: WaitingText, has_arrived: bool | None, now: datetime) -> None:
    if has_arrived is None:
        since = now - (row.sent_at or now)
        row.due_at = next((now + wait for wait in QUESTIONS if wait > since), None)
        return
    row.due_at = None
    row.state = (MessageState.DELIVERED if has_arrived else MessageState.UNDELIVERED).value
    row.delivered_at = now if has_arrived else None


SENDING: Final = Job(
    SEND_MESSAGES,
    "Send messages to members",
    "فرستادن پیام به اعضا",
    _send,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(hours=4),
    retries=10,
)
