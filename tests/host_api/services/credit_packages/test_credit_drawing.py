"""What the journal tells of lots becomes use of contracts, once: sales, returns, reversals, holds, merges."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host_api.core.feed_projection import Projector, apply_batch
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.credit_packages import contracts, logic
from host_api.services.transactions.account_movements import AccountMovementProjector
from host_api.services.transactions.projection import TransactionProjector
from protocol.feed import LotLine, TransactionEvent
from tests.host_api.api_calls import post
from tests.host_api.points_bench import Person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.credit_packages.credit_calls import (
    PATH,
    balances,
    entries,
    figures,
    number,
    package,
    run_job,
    second,
)

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

AT_MS = 1_790_000_000_000
ENDS_S = 1_800_000_000


@pytest.fixture
async def api(settings: Settings, tmp_path: Path) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path)) as running:
        yield running


class Journal:
    """Transactions of the credit purse, as the feed tells them."""

    def __init__(self, api: RunningApi) -> None:
        self._api = api
        self._position = 0

    async def tell(
        self,
        rrn: str,
        *lots: tuple[int, int, int],
        mti: str = "0200",
        code: str = "009200",
        concerns: str | None = None,
        reverses: str | None = None,
    ) -> None:
        """A transaction; of each lot the member, its end and what is added."""
        before, self._position = self._position, self._position + 1
        event = TransactionEvent(
            position=self._position,
            at_ms=AT_MS,
            mti=mti,
            processing_code=code,
            terminal_id="TERM0001",
            merchant_id="SHOP01",
            branch_number=1,
            stan=f"{self._position:06d}",
            transmitted_at="0101000000",
            rrn=rrn,
            card_reference=None,
            member_number=lots[0][0] if lots else None,
            amount=0,
            discount=0,
            tendered=0,
            net_amount=0,
            currency="364",
            response_code="00",
            rule_table_version=1,
            reverses=reverses,
            concerns=concerns,
            hold_until_s=None,
            line_count=0,
            grants=(),
            transfers=(),
            lots=tuple(
                LotLine(
                    account=f"member:{member}",
                    purse="credit",
                    available_from_s=0,
                    expires_at_s=ends,
                    delta=delta,
                )
                for member, ends, delta in lots
            ),
            records=(),
            balances={},
        )
        projectors: list[Projector] = [TransactionProjector(), AccountMovementProjector()]
        await apply_batch(self._api.runtime.database, FIRST_PROGRAMME, projectors, before, [event])


async def _given(  # noqa: PLR0917
    api: RunningApi, decider: Person, journal: Journal, package_id: int, member: int, ends: int = ENDS_S
) -> int:
    """A contract whose credit the switch has given."""
    wanted = {"package_id": package_id, "member_id": member, "reason": "سارا خواسته است"}
    contract_id = number((await post(api, f"{PATH}/contracts", wanted))["id"])
    await decider.post(f"{PATH}/contracts/{contract_id}/approval", {})
    rrn = f"GIVEN{contract_id:07d}"
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        outcome = Outcome(
            1, "credit_packages", "", "credit", RequestState.APPROVED, 0, 92, member, "00", rrn, {}, {}
        )
        await contracts.on_given(session, outcome, contract_id)
    await journal.tell(rrn, (member, ends, 1_000_000), code="220092")
    await run_job(api, "read-credit-use")
    return contract_id


async def test_use_is_shared_given_back_and_undone_once(api: RunningApi) -> None:
    decider, journal = await second(api), Journal(api)
    sara = number((await post(api, "/v1/members", {"name": "سارا"}))["id"])
    package_id = await package(api)
    one, two = [await _given(api, decider, journal, package_id, sara) for _ in range(2)]
    sooner = await _given(api, decider, journal, package_id, sara, ENDS_S - 86_400)

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


async def test_credit_that_goes_over_with_its_contract_is_not_used(api: RunningApi) -> None:
    decider, journal = await second(api), Journal(api)
    sara, reza, mina = [
        number((await post(api, "/v1/members", {"name": name}))["id"]) for name in ("سارا", "رضا", "مینا")
    ]
    contract_id = await _given(api, decider, journal, await package(api), sara)
    await journal.tell("GIFT", (sara, ENDS_S, -100_000), (mina, ENDS_S, 100_000), code="409292")
    await run_job(api, "read-credit-use")
    assert await figures(api, contract_id, "consumed", "member_id") == (100_000, sara)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await logic.absorb(session, sara, reza)
    await journal.tell("MOVE", (sara, ENDS_S, -900_000), (reza, ENDS_S, 900_000), code="409292")
    await journal.tell("SALE", (reza, ENDS_S, -300_000))
    await run_job(api, "read-credit-use")
    assert await figures(api, contract_id, "consumed", "open", "member_id") == (400_000, 600_000, reza)
