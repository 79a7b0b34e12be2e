"""The job that sends what was imported, and goes on taking back."""

import logging
from datetime import timedelta
from typing import Final

from host_api.core.database import WriteSession
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.earning_events.telling import logic, repository
from host_api.services.earning_events.telling.models import EarningEvent

SEND_EVENTS: Final = "send-earning-events"

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 100
_AFTER_A_FAULT: Final = timedelta(hours=1)


async def _send(running: RunningJob) -> JsonObject:
    while True:
        async with running.reading() as session:
            is_due = await repository.has_due(session, running.now())
        if not is_due:
            return {"handled": running.done}
        async with running.step() as session:
            events = await repository.lock_due(session, running.now(), _AT_ONCE)
            for event in events:
                await _go_on(session, event, running)
            running.done += len(events)
        if not events:  # another run has them
            return {"handled": running.done}


async def _go_on(session: WriteSession, event: EarningEvent, running: RunningJob) -> None:
    """One event that can't go on keeps no other from it."""
    try:
        async with session.begin_nested():
            await logic.go_on(session, event, running.caller)
    except Exception as error:
        await session.refresh(event)
        _log.error("the event %d that earns can't go on", event.id, exc_info=error)
        event.next_try_at = running.now() + _AFTER_A_FAULT


SENDING: Final = Job(
    SEND_EVENTS,
    "Send events that earn",
    "فرستادن رویدادهای امتیازآور",
    _send,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(hours=1),
)
