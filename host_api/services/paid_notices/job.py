"""The job that queues messages of approved notices, and bills those whose messages are all sent or lost."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.paid_notices import sending
from host_api.services.paid_notices.states import PaidNoticeState

_AT_ONCE: Final = 100


async def _send(running: RunningJob) -> JsonObject:
    sent = await _each(running, PaidNoticeState.SENDING)
    settled = await _each(running, PaidNoticeState.SETTLING)
    return {"sent": sent, "looked_at": settled}


async def _each(running: RunningJob, state: PaidNoticeState) -> int:
    after = count = 0
    while True:
        async with running.reading() as session:
            found = await sending.in_state(session, state, after, _AT_ONCE)
        if not found:
            return count
        for notice_id in found:
            await (_queue if state is PaidNoticeState.SENDING else _settle)(running, notice_id)
            count += 1
        after = found[-1]


async def _queue(running: RunningJob, notice_id: int) -> None:
    is_more = True
    while is_more:
        async with running.step() as session:
            is_more = await sending.queue_some(session, notice_id)


async def _settle(running: RunningJob, notice_id: int) -> None:
    after: int | None = 0
    while after is not None:
        async with running.step() as session:
            after = await sending.settle_some(session, notice_id, after)


SEND_NOTICES: Final = Job(
    "send-paid-notices",
    "Sending and billing of paid notices",
    "فرستادن و حساب اطلاع‌رسانی‌ها",
    _send,
    schedule=Every(timedelta(minutes=10)),
    is_on_demand=True,
    timeout=timedelta(hours=2),
)
