"""The job that settles auctions whose time is over."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.shop.auctions import logic

SETTLE_AUCTIONS: Final = "settle-shop-auctions"


async def _settle(running: RunningJob) -> JsonObject:
    async with running.reading() as session:
        due = await logic.due(session, running.now())
    for auction_id in due:
        async with running.step() as session:
            running.done += await logic.settle(session, auction_id, running.now())
    return {"due": len(due), "settled": running.done}


JOB: Final = Job(
    SETTLE_AUCTIONS,
    "Settlement of auctions",
    "تسویهٔ مزایده‌ها",
    _settle,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(minutes=30),
)
