"""Lets go of applications whose number nobody proved, and of what has been kept long enough."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.joining import logic
from host_api.services.joining.models import Application, FailedAttempt, ReceivedSms
from host_api.services.joining.schemas import ApplicationState

UNCONFIRMED_FOR: Final = timedelta(days=1)
_KEEP_ATTEMPTS: Final = timedelta(days=180)
_KEEP_MESSAGES: Final = timedelta(days=60)
_BATCH: Final = 200


async def _run(running: RunningJob) -> JsonObject:
    now = running.now()
    expired = 0
    while True:
        async with running.step() as session:
            old = list(
                await session.scalars(
                    select(Application)
                    .where(
                        Application.state == ApplicationState.UNCONFIRMED.value,
                        Application.created_at < now - UNCONFIRMED_FOR,
                    )
                    .order_by(Application.id)
                    .limit(_BATCH)
                    .with_for_update(skip_locked=True)
                )
            )
            for application in old:
                await logic.keep_attempt(session, running.cipher, application, "never-confirmed")
                await logic.end(session, running.cipher, application, ApplicationState.EXPIRED)
            running.done += len(old)
            expired += len(old)
        if len(old) < _BATCH:
            break
    async with running.step() as session:
        for statement in (
            delete(FailedAttempt).where(FailedAttempt.at < now - _KEEP_ATTEMPTS),
            delete(ReceivedSms).where(ReceivedSms.at < now - _KEEP_MESSAGES),
        ):
            await session.execute(statement.execution_options(synchronize_session=False))
    return {"expired": expired}


JOINING_UPKEEP: Final = Job(
    "joining-upkeep",
    "Let go of unconfirmed applications",
    "پایان دادن به درخواست‌های تأییدنشدهٔ عضویت",
    _run,
    schedule=Every(timedelta(hours=1)),
    is_on_demand=True,
)
