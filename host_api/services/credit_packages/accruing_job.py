"""The job that accrues each contract through yesterday, however late it runs."""

import logging
from datetime import time, timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.core.tehran_time import tehran_date
from host_api.services.credit_packages import accruing, packages
from host_api.services.credit_packages.ledger import lock

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 50


async def _accrue(running: RunningJob) -> JsonObject:
    through = tehran_date(running.now()) - timedelta(days=1)
    async with running.reading() as session:
        holidays = await packages.holidays(session)
    after = days = contracts = failed = 0
    while True:
        async with running.reading() as session:
            found = await accruing.to_accrue(session, through, after=after, limit=_AT_ONCE)
        if not found:
            return {"contracts": contracts, "days": days, "failed": failed}
        async with running.step() as session:
            for contract_id in found:
                # One that can't be accrued keeps no other from it; it is tried again the next time.
                try:
                    async with session.begin_nested():
                        contract = await lock(session, contract_id)
                        days += await accruing.accrue(session, contract, through, holidays)
                except Exception as error:
                    _log.error("the contract %d can't be accrued", contract_id, exc_info=error)
                    failed += 1
            contracts += len(found)
        after = found[-1]


ACCRUE_CREDIT: Final = Job(
    "accrue-credit-interest",
    "Accrual of credit interest",
    "محاسبهٔ روزانهٔ بهرهٔ اعتبار",
    _accrue,
    schedule=DailyAt(time(0, 40)),
    is_on_demand=True,
    timeout=timedelta(hours=6),
)
