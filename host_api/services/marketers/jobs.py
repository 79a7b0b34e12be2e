"""The jobs that follow trades, close months, and forget clicks."""

from datetime import time, timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt, Every
from host_api.services.marketers import affiliates, closing, following

FOLLOW_TRADES: Final = "follow-trades-of-customers"
CLOSE_MONTHS: Final = "close-marketer-months"

_CHANGES_AT_ONCE: Final = 100
_MARKETERS_AT_ONCE: Final = 100
_CLICKS_AT_ONCE: Final = 1_000


async def _follow(running: RunningJob) -> JsonObject:
    await _follow_all(running)
    return {"followed": running.done}


async def _follow_all(running: RunningJob) -> None:
    while True:
        async with running.reading() as session:
            if not await following.has_news(session):
                return
        async with running.step() as session:
            running.done += await following.follow(session, _CHANGES_AT_ONCE)


async def _close(running: RunningJob) -> JsonObject:
    """Close what is over, marketer by marketer; what was closed before a kill is closed."""
    await _follow_all(running)
    running.done = closed = after_id = 0
    while True:
        async with running.reading() as session:
            due = await closing.marketers_due(session, after_id, running.now(), _MARKETERS_AT_ONCE)
        if not due:
            break
        for marketer_id in due:
            async with running.step() as session:
                closed += await closing.close_due(session, marketer_id, running.now())
                running.done += 1
        after_id = due[-1]
    while True:
        async with running.step() as session:
            count = await affiliates.forget_clicks(session, running.now(), _CLICKS_AT_ONCE)
        if not count:
            return {"closed": closed}


FOLLOWING: Final = Job(
    FOLLOW_TRADES,
    "Count trades for marketers",
    "شمردن معاملات برای بازاریاب‌ها",
    _follow,
    schedule=Every(timedelta(minutes=5)),
    is_on_demand=True,
    timeout=timedelta(hours=1),
)
CLOSING: Final = Job(
    CLOSE_MONTHS,
    "Close marketers' months",
    "بستن ماه بازاریاب‌ها",
    _close,
    # Each day, so that a month that could not be closed on its day is closed on the next; most have nothing.
    schedule=DailyAt(time(3, 40)),
    is_on_demand=True,
    timeout=timedelta(hours=1),
)
