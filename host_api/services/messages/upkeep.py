"""Lets go of texts that are of no use any more, and of what has been kept long enough."""

from datetime import timedelta
from typing import Final

from sqlalchemy import case, delete, select, update

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.messages.models import MemberCode, WaitingText
from host_api.services.messages.states import MessageState

KEPT_FOR: Final = timedelta(days=60)
_BATCH: Final = 5_000


async def _run(running: RunningJob) -> JsonObject:
    now = running.now()
    too_late = (
        WaitingText.is_waiting,
        WaitingText.expires_at < now,
        WaitingText.state != MessageState.SENDING.value,
    )
    late = deleted = 0
    while True:
        async with running.step() as session:
            ids = list(await session.scalars(select(WaitingText.id).where(*too_late).limit(_BATCH)))
            await session.execute(
                update(WaitingText)
                .where(WaitingText.id.in_(ids))
                .values(
                    is_waiting=False,
                    state=case(
                        (WaitingText.state == MessageState.SENT.value, MessageState.SENT.value),
                        else_=MessageState.LATE.value,
                    ),
                    receiver_sealed=None,
                    text_sealed=None,
                    text_plain=None,
                    values=None,
                )
                .execution_options(synchronize_session=False)
            )
            late += len(ids)
        if len(ids) < _BATCH:
            break
    while True:
        async with running.step() as session:
            ids = list(
                await session.scalars(
                    select(WaitingText.id).where(WaitingText.created_at < now - KEPT_FOR).limit(_BATCH)
                )
            )
            await session.execute(
                delete(WaitingText)
                .where(WaitingText.id.in_(ids))
                .execution_options(synchronize_session=False)
            )
            deleted += len(ids)
        if len(ids) < _BATCH:
            break
    async with running.step() as session:
        await session.execute(
            delete(MemberCode)
            .where(MemberCode.expires_at < now - timedelta(days=1))
            .execution_options(synchronize_session=False)
        )
    return {"late": late, "deleted": deleted}


MESSAGES_UPKEEP: Final = Job(
    "messages-upkeep",
    "Let go of old texts to members",
    "پاک کردن پیام‌های کهنه",
    _run,
    schedule=Every(timedelta(hours=1)),
    is_on_demand=True,
)
