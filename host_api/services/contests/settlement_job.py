"""The job that does what is due in contests: it begins, weighs, shares, pays, gives back and ends."""

import asyncio
import time
from datetime import timedelta
from typing import Final

from host_api.core.clock import utc_now
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.contests import paying, repository, results, settlement

SETTLE_CONTESTS: Final = "settle-contests"

_LOOK_AGAIN_S: Final = 0.2
PATIENCE_S: Final = 20.0
_SHARES_AT_ONCE: Final = 1000


def settlement_job(patience_s: float = PATIENCE_S) -> Job:
    """The job; it runs each minute.

    Parameters:
        patience_s: how long it waits for the switch to take what was asked, before it leaves the rest to the
            next run.
    """

    async def run(running: RunningJob) -> JsonObject:
        return await _settle(running, patience_s)

    return Job(
        SETTLE_CONTESTS,
        "Settlement of contests",
        "تسویهٔ مسابقه‌ها",
        run,
        schedule=Every(timedelta(minutes=1)),
        is_on_demand=True,
        timeout=timedelta(hours=2),
    )


async def _settle(running: RunningJob, patience_s: float) -> JsonObject:
    async with running.reading() as session:
        due = await repository.closed(session, utc_now())
    for contest_id in due:
        await _weigh(running, contest_id)
    asked = await _pay(running, patience_s)
    ended = 0
    for contest_id in due:
        async with running.step() as session:
            ended += await settlement.finish(session, contest_id)
    return {"contests": len(due), "asked": asked, "ended": ended}


async def _weigh(running: RunningJob, contest_id: int) -> None:
    async with running.step() as session:
        await results.enter_known(session, contest_id)
        await settlement.begin(session, contest_id, utc_now())
    while True:
        async with running.step() as session:
            weighed = await settlement.weigh_page(session, contest_id)
            running.done += weighed
        if not weighed:
            break
    async with running.reading() as session:
        shares = await settlement.pool_shares_due(session, contest_id)
    for start in range(0, len(shares), _SHARES_AT_ONCE):
        async with running.step() as session:
            await settlement.write_shares(session, shares[start : start + _SHARES_AT_ONCE])
    async with running.step() as session:
        await settlement.finish_weighing(session, contest_id)


async def _pay(running: RunningJob, patience_s: float) -> int:
    asked, since_s = 0, time.monotonic()
    while True:
        async with running.step() as session:
            page = await paying.pay_page(session, running.caller)
        asked += page
        if page:
            since_s = time.monotonic()
            continue
        async with running.reading() as session:
            is_over = not await repository.has_to_pay(session)
        if is_over or time.monotonic() - since_s > patience_s:
            return asked
        await asyncio.sleep(_LOOK_AGAIN_S)
