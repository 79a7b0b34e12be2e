"""The job of the referral network: pays what is due, and tells of branches that have run out."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.core.tehran_time import tehran_date
from host_api.services.referral_network import branches, payouts, tree

# A step holds the gate, which registrations wait for.
_BATCH: Final = 200


async def _run(running: RunningJob) -> JsonObject:
    now = running.now()
    expired = paid = 0
    while True:
        async with running.step() as session:
            found = await branches.tell_expired(session, now, _BATCH)
        expired += found
        if found < _BATCH:
            break
    while True:
        async with running.step() as session:
            await tree.pass_gate(session)
            found = await payouts.pay_due(session, tehran_date(now), _BATCH)
            running.done += found
        paid += found
        if found < _BATCH:
            return {"paid": paid, "expired": expired}


KEEP_NETWORK: Final = Job(
    "keep-referral-network",
    "Pay incomes of the referral network, and end its branches",
    "پرداخت درآمدهای شبکهٔ معرفی و پایان شاخه‌ها",
    _run,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(hours=6),
)
