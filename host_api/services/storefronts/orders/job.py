"""The job that ends what its time has ended: orders lapse, or are completed."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.storefronts.orders import following

_AT_ONCE: Final = 100


async def _end(running: RunningJob) -> JsonObject:
    now = running.now()
    while True:
        async with running.reading() as session:
            found = await following.due(session, now, _AT_ONCE)
        if not found:
            return {"ended": running.done}
        for order_id in found:
            async with running.step() as session:
                is_ended = await following.end_due(session, order_id, now)
            running.done += is_ended


END_ORDERS: Final = Job(
    "end-storefront-orders",
    "End of orders whose time is over",
    "پایان سفارش‌های سررسیدشدهٔ ویترین",
    _end,
    schedule=Every(timedelta(minutes=5)),
    is_on_demand=True,
    timeout=timedelta(minutes=30),
)
