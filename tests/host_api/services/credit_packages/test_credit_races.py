"""Who changes contracts at the same moment: the reading of what was used, accrual, payments."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from host_api.core.clock import from_epoch_ms
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.core.tehran_time import tehran_date
from host_api.services.credit_packages import drawing
from host_api.services.credit_packages.ledger import lock
from host_api.services.credit_packages.models import CreditContract
from host_api.services.transactions.lot_movements import lot_movements
from tests.host_api.api_calls import post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.credit_packages.credit_calls import figures, number, package, second
from tests.host_api.services.credit_packages.credit_journal import AT_MS, ENDS_S, Journal, given

# SQLite has one writer.
pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["postgresql"], indirect=True)]


@pytest.fixture
async def api(settings: Settings, tmp_path: Path) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path)) as running:
        yield running


async def test_reading_and_accruing_do_not_wait_for_each_other(api: RunningApi) -> None:
    decider, journal, database = await second(api), Journal(api), api.runtime.database
    names = ("سارا", "رضا")
    sara, reza = [number((await post(api, "/v1/members", {"name": name}))["id"]) for name in names]
    package_id = await package(api)
    first = await given(api, decider, journal, package_id, sara)
    later = await given(api, decider, journal, package_id, reza)
    await journal.tell("SALE1", (reza, ENDS_S, -100_000))
    await journal.tell("SALE2", (sara, ENDS_S, -100_000))
    async with database.reading(FIRST_PROGRAMME) as session:
        movements = await lot_movements(session, drawing.PURSE_NAME, after=2, limit=10)

    async def read_use() -> int:
        async with database.writing(FIRST_PROGRAMME) as session:
            return await drawing.take_in_all(session, movements, tehran_date(from_epoch_ms(AT_MS)))

    async def is_waiting() -> bool:
        async with database.reading(FIRST_PROGRAMME) as session:
            blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return bool(await session.scalar(blocked))

    async with database.writing(FIRST_PROGRAMME) as accruing:
        await lock(accruing, first)
        reading = asyncio.create_task(read_use())
        await eventually(is_waiting)
        # It waits for the first one without holding the other, so nobody waits for ever.
        free = select(CreditContract.id).where(CreditContract.id == later).with_for_update(nowait=True)
        assert await accruing.scalar(free) == later
    assert await reading == 2
    assert [(await figures(api, each, "consumed"))[0] for each in (first, later)] == [100_000] * 2
