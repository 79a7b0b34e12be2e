"""The job that reads what the switch's transactions use of contracts' credit."""

from datetime import timedelta
from typing import Final

from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.core.tehran_time import tehran_date
from host_api.services.credit_packages import drawing
from host_api.services.credit_packages.models import CreditReading
from host_api.services.transactions.lot_movements import lot_movements

_AT_ONCE: Final = 200


async def _read(running: RunningJob) -> JsonObject:
    today = tehran_date(running.now())
    async with running.reading() as session:
        reading = await session.get(CreditReading, running.programme_id)
        given = await drawing.waiting(session)
    position = 0 if reading is None else reading.position
    begun = posted = 0
    for contract_id in given:
        async with running.step() as session:
            lot = await drawing.begin_given(session, contract_id)
            if lot is None:
                continue
            begun += 1
            # What came between its giving and now may have been read before it was known.
            account, after = lot
            while movements := await lot_movements(
                session, drawing.PURSE_NAME, after=after, limit=_AT_ONCE, account=account
            ):
                posted += await drawing.take_in_all(session, movements, today)
                after = movements[-1].position
    while True:
        async with running.step() as session:
            reading = await session.get(CreditReading, running.programme_id, with_for_update=True)
            if reading is None:
                reading = CreditReading(position=position)
                session.add(reading)
            movements = await lot_movements(
                session, drawing.PURSE_NAME, after=reading.position, limit=_AT_ONCE
            )
            posted += await drawing.take_in_all(session, movements, today)
            if movements:
                reading.position = movements[-1].position
        if len(movements) < _AT_ONCE:
            return {"begun": begun, "posted": posted}


READ_CREDIT_USE: Final = Job(
    "read-credit-use",
    "Reading of used credit",
    "خواندن اعتبار مصرف‌شده",
    _read,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(hours=1),
)
