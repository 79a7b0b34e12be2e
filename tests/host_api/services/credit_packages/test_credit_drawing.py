"""What the journal tells of lots becomes use of contracts, once: sales, returns, reversals, holds, merges."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.core.clock import from_epoch_ms
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.core.tehran_time import tehran_date
from host_api.services.credit_packages import accruing, logic
from host_api.services.credit_packages.ledger import lock
from tests.host_api.api_calls import post
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.credit_packages.credit_calls import (
    balances,
    entries,
    figures,
    number,
    package,
    run_job,
    second,
)
from tests.host_api.services.credit_packages.credit_journal import ENDS_S, Journal, given

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


@pytest.fixture
async def api(settings: Settings, tmp_path: Path) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path)) as running:
        yield running


async def test_use_is_shared_given_back_and_undone_once(api: RunningApi) -> None:
    decider, journal = await second(api), Journal(api)
    sara = number((await post(api, "/v1/members", {"name": "سارا"}))["id"])
    package_id = await package(api)
    one, two = [await given(api, decider, journal, package_id, sara) for _ in range(2)]
    sooner = await given(api, decider, journal, package_id, sara, ENDS_S - 86_400)

    async def used() -> list[object]:
        await run_job(api, "read-credit-use")
        return [(await figures(api, contract_id, "consumed"))[0] for contract_id in (one, two, sooner)]

    # The older contract of a lot first; what neither has open is other credit's.
    await journal.tell("SALE1", (sara, ENDS_S - 86_400, -1_000_000), (sara, ENDS_S, -1_700_000))
    assert await used() == [1_000_000, 700_000, 1_000_000]
    await journal.tell("SALE2", (sara, ENDS_S, -400_000))
    assert await used() == [1_000_000, 1_000_000, 1_000_000]
    # A return gives back what its own sale has used, and no more; the last contract first.
    await journal.tell("BACK1", (sara, ENDS_S, 800_000), code="200000", concerns="SALE1")
    assert await used() == [900_000, 300_000, 1_000_000]
    await journal.tell("BACK2", (sara, ENDS_S, 400_000), code="200000", concerns="SALE2")
    assert await used() == [900_000, 0, 1_000_000]
    # Undone is undone: the return of the one sale, and the other sale with all that it used.
    await journal.tell("UNDO1", (sara, ENDS_S, -800_000), mti="0400", reverses="BACK1")
    assert await used() == [1_000_000, 700_000, 1_000_000]
    # What is held is used once it is completed, less what the completion frees.
    await journal.tell("HOLD1", (sara, ENDS_S, -200_000), mti="0100")
    assert await used() == [1_000_000, 700_000, 1_000_000]
    await journal.tell("DONE1", (sara, ENDS_S, 50_000), concerns="HOLD1")
    assert await used() == [1_000_000, 850_000, 1_000_000]
    await journal.tell("UNDO2", (sara, ENDS_S, 150_000), mti="0400", reverses="DONE1")
    assert await used() == [1_000_000, 700_000, 1_000_000]
    for contract_id in (one, two, sooner):
        before = await entries(api, contract_id)
        await run_job(api, "read-credit-use")
        assert await entries(api, contract_id) == before
        await balances(api, contract_id)


async def test_what_the_purse_owed_is_used_at_once(api: RunningApi) -> None:
    decider, journal = await second(api), Journal(api)
    sara = number((await post(api, "/v1/members", {"name": "سارا"}))["id"])
    package_id = await package(api)

    async def owing(owed: int) -> int:
        return await given(api, decider, journal, package_id, sara, owed=owed)

    part, whole = await owing(300_000), await owing(1_000_000)
    assert await figures(api, part, "open", "consumed", "state") == (700_000, 300_000, "in_force")
    assert await figures(api, whole, "open", "consumed", "state") == (0, 1_000_000, "in_force")
    await journal.tell("SALE", (sara, ENDS_S, -700_000))
    await run_job(api, "read-credit-use")
    assert await figures(api, part, "open", "principal") == (0, 1_000_000)
    for contract_id in (part, whole):
        await balances(api, contract_id)


async def test_credit_lapses_again_after_it_came_back(api: RunningApi) -> None:
    decider, journal = await second(api), Journal(api)
    sara = number((await post(api, "/v1/members", {"name": "سارا"}))["id"])
    package_id = await package(api, rate_bp=0)
    one, two = [await given(api, decider, journal, package_id, sara) for _ in range(2)]
    await journal.tell("SALE", (sara, ENDS_S, -400_000))
    await run_job(api, "read-credit-use")
    ended = tehran_date(from_epoch_ms(ENDS_S * 1000)) + timedelta(days=2)

    async def accrue(contract_id: int) -> None:
        async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
            await accruing.accrue(session, await lock(session, contract_id), ended, frozenset())

    await accrue(one)
    assert await figures(api, one, "open", "consumed") == (0, 400_000)
    # What comes back belongs to a day that was accrued, so all days are looked at again.
    await journal.tell("BACK", (sara, ENDS_S, 100_000), code="200000", concerns="SALE")
    await run_job(api, "read-credit-use")
    assert await figures(api, one, "open", "consumed") == (100_000, 300_000)
    await accrue(one)
    assert await figures(api, one, "open", "consumed") == (0, 300_000)
    await balances(api, one)
    assert await figures(api, two, "open") == (1_000_000,)


async def test_credit_that_goes_over_with_its_contract_is_not_used(api: RunningApi) -> None:
    decider, journal = await second(api), Journal(api)
    sara, reza, mina = [
        number((await post(api, "/v1/members", {"name": name}))["id"]) for name in ("سارا", "رضا", "مینا")
    ]
    contract_id = await given(api, decider, journal, await package(api), sara)
    await journal.tell("GIFT", (sara, ENDS_S, -100_000), (mina, ENDS_S, 100_000), code="409292")
    await run_job(api, "read-credit-use")
    assert await figures(api, contract_id, "consumed", "member_id") == (100_000, sara)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await logic.absorb(session, sara, reza)
    await journal.tell("MOVE", (sara, ENDS_S, -900_000), (reza, ENDS_S, 900_000), code="409292")
    await journal.tell("SALE", (reza, ENDS_S, -300_000))
    await run_job(api, "read-credit-use")
    assert await figures(api, contract_id, "consumed", "open", "member_id") == (400_000, 600_000, reza)
