"""The job that queues broadcasts' messages; ended anywhere, it goes on behind the last member it had."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_store import enqueue
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.services.messages.broadcasts import logic
from host_api.services.messages.broadcasts.models import MessageBroadcast
from host_api.services.messages.broadcasts.schemas import BroadcastState
from host_api.services.messages.logic import SEND_MESSAGES


async def _queue(running: RunningJob) -> JsonObject:
    while True:
        async with running.reading() as session:
            broadcast_id = await session.scalar(
                select(MessageBroadcast.id)
                .where(
                    MessageBroadcast.state == BroadcastState.QUEUEING.value,
                    MessageBroadcast.starts_at <= running.now(),
                )
                .order_by(MessageBroadcast.starts_at, MessageBroadcast.id)
                .limit(1)
            )
        if broadcast_id is None:
            break
        is_behind = True
        while is_behind:
            async with running.step() as session:
                is_behind = await logic.queue_some(session, broadcast_id)
                running.done += 1
    async with running.step() as session:
        enqueue(session, SEND_MESSAGES, {}, running.caller, now=running.now())
    return {"steps": running.done}


QUEUEING: Final = Job(
    logic.QUEUE_BROADCASTS,
    "Queue broadcasts",
    "آماده‌سازی ارسال‌های گروهی",
    _queue,
    is_on_demand=True,
    timeout=timedelta(hours=2),
    retries=10,
)
