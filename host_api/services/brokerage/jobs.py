"""The job that settles what was imported."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.brokerage import settling

SETTLE: Final = "settle-brokerage"

# So many rows take SQLite's one writer for some tenths of a second.
_TRADES_AT_ONCE: Final = 25
_POSITIONS_AT_ONCE: Final = 100


async def _settle(running: RunningJob) -> JsonObject:
    while True:
        async with running.reading() as session:
            is_due = await settling.has_due(session, running.now())
        if not is_due:
            return {"settled": running.done}
        async with running.step() as session:
            count = await settling.settle_trades(session, running.caller, running.now(), _TRADES_AT_ONCE)
            running.done += count
        async with running.step() as session:
            positions = await settling.settle_positions(session, running.now(), _POSITIONS_AT_ONCE)
            running.done += positions
        if not count + positions:  # another run has them
            return {"settled": running.done}


SETTLING: Final = Job(
    SETTLE,
    "Settle imported trades and holdings",
    "رسیدگی به معاملات و دارایی‌های واردشده",
    _settle,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(hours=1),
)
