"""The job that ends codes whose time is over, and lets codes follow cards that terminals have changed."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.cards.digital import logic
from host_api.services.cards.digital.models import CardCode

_BATCH: Final = 500


async def _end_codes(running: RunningJob) -> JsonObject:
    over = (
        select(CardCode)
        .where(CardCode.expires_at <= running.now())
        .order_by(CardCode.expires_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    while True:
        async with running.step() as session:
            codes = list(await session.scalars(over))
            await logic.end(session, running.cipher, codes)
            running.done += len(codes)
        if len(codes) < _BATCH:
            break
    ended = running.done
    due = (
        select(CardCode)
        .where(CardCode.is_due.is_(True))
        .order_by(CardCode.id)
        .limit(_BATCH)
        .with_for_update()
    )
    while True:
        async with running.step() as session:
            codes = list(await session.scalars(due))
            await logic.send_due(session, running.cipher, codes)
            running.done += len(codes)
        if len(codes) < _BATCH:
            return {"ended": ended, "sent": running.done - ended}


END_CARD_CODES: Final = Job(
    "end-card-codes",
    "End and update codes of cards",
    "پایان و به‌روزرسانی کدهای کارت",
    _end_codes,
    schedule=Every(timedelta(seconds=30)),
    is_on_demand=True,
)
