"""The job that lets cards expire the day after their last one."""

from datetime import time
from typing import Final

from sqlalchemy import select

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.core.tehran_time import tehran_date
from host_api.services.cards import record
from host_api.services.cards.lifecycle.change import Change, apply
from host_api.services.cards.models import Card
from host_api.services.cards.states import CardStatus, ChangeReason

_BATCH: Final = 200
_CAN_EXPIRE: Final = (CardStatus.NEW.value, CardStatus.ACTIVE.value, CardStatus.BLOCKED.value)


async def _expire(running: RunningJob) -> JsonObject:
    today = tehran_date(running.now())
    due = (
        select(Card)
        .where(Card.status.in_(_CAN_EXPIRE), Card.expires_on < today)
        .order_by(Card.expires_on, Card.id)
        .limit(_BATCH)
        .with_for_update()
    )
    while True:
        async with running.step() as session:
            cards = list(await session.scalars(due))
            for card in cards:
                apply(session, card, Change(CardStatus.EXPIRED, ChangeReason.EXPIRED, running.caller))
            await record.send(session, running.cipher, cards)
            running.done += len(cards)
        if len(cards) < _BATCH:
            return {"expired": running.done}


EXPIRE_CARDS: Final = Job(
    "expire-cards",
    "Let cards expire",
    "منقضی کردن کارت‌ها",
    _expire,
    schedule=DailyAt(time(0, 20)),
    is_on_demand=True,
)
