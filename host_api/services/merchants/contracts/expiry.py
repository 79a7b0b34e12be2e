"""Tells in time of contracts that end without another to follow."""

from datetime import time, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from host_api.core.events.emission import Subject, emit
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.services.merchants.contracts.events import CONTRACT_EXPIRING, ContractExpiring
from host_api.services.merchants.contracts.models import Contract
from host_api.services.merchants.contracts.schemas import ContractState

# Each is told once, the nearest that fits.
WARN_WITHIN_DAYS: Final = (1, 7, 30)

_BATCH: Final = 200


async def _warn(running: RunningJob) -> JsonObject:
    now = running.now()
    for days in WARN_WITHIN_DAYS:
        while await _warn_some(running, days):
            pass
    return {"warned": running.done, "at": now.isoformat()}


async def _warn_some(running: RunningJob, days: int) -> bool:
    """Tell of up to `_BATCH` contracts; whether there may be more."""
    now = running.now()
    following = aliased(Contract)
    ending = (
        select(Contract)
        .where(
            Contract.state == ContractState.APPROVED.value,
            Contract.ends_at > now,
            Contract.ends_at <= now + timedelta(days=days),
            or_(Contract.warned_days.is_(None), Contract.warned_days > days),
            ~select(following.id)
            .where(
                following.merchant_key == Contract.merchant_key,
                following.state == ContractState.APPROVED.value,
                following.begins_at <= Contract.ends_at,
                following.ends_at > Contract.ends_at,
            )
            .exists(),
        )
        .order_by(Contract.id)
        .limit(_BATCH)
        .with_for_update(of=Contract)
    )
    async with running.step() as session:
        contracts = (await session.scalars(ending)).all()
        for contract in contracts:
            contract.warned_days = days
            told = ContractExpiring(
                id=contract.id,
                merchant=contract.merchant_key,
                number=contract.number,
                ends_at=contract.ends_at,
                within_days=days,
            )
            emit(session, CONTRACT_EXPIRING, Subject("contract", contract.id), told)
        running.done += len(contracts)
    return len(contracts) == _BATCH


WARN_OF_EXPIRY: Final = Job(
    "contract-expiry",
    "Tell of contracts that end soon",
    "هشدار قراردادهای رو به پایان",
    _warn,
    schedule=DailyAt(time(7, 30)),
    is_on_demand=True,
)
