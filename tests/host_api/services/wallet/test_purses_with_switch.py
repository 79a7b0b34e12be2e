"""A member earns at a terminal, and uses wallet, coins, credit and gifts; a real switch's books agree."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.client import problems
from host_api.client.api import HostApi
from host_api.client.models.budgets import BudgetChangeDecision, BudgetCreate
from host_api.client.models.credit_conversions import ConversionCreate, ConversionRateCreate, RateDecision
from host_api.client.models.credit_grants import CreditGrantCreate, GrantDecision
from host_api.client.models.purses import PurseConversionCreate
from host_api.client.models.wallet import (
    BankTransferCreate,
    WalletDecision,
    WalletLoadCreate,
    WalletSpendingCreate,
)
from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import debit, return_of_debit
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from protocol.codec import decode
from switch.snapshot.reading import recovered_state
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import new_key, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.rules.rule_calls import approver, editor, freeze, use_default
from tests.switch.conftest import FEED_TOKEN, SPEC, Link, SwitchProcess

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

TERMINAL, SHOP = "TERM0001", "SHOP01"


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    try:
        yield found.start()
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, switch: SwitchProcess) -> AsyncIterator[RunningApi]:
    runtime = runtime_with(
        settings, tmp_path, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )
    async with running_api(runtime) as running:
        yield running


async def _publish_rules(api: RunningApi) -> None:
    """The default rules with payment from wallet and gifts, and points that become coins."""
    sara, omid = await editor(api), await approver(api)
    await eventually(lambda: api.runtime.switches.of(FIRST_PROGRAMME).feed_projection.state == "following")
    await use_default(sara)
    for name in ("pay-from-wallet", "points-to-coins"):
        await sara.post("/v1/rules/draft/templates", {"name": name})
    version = await freeze(sara)
    asked = await sara.post("/v1/rules/publications", {"version_id": version["id"], "reason": "purses"})
    done = await omid.post(f"/v1/rules/publications/{asked['id']}/approval?wait_s=10", {})
    assert done["state"] == "published", done


async def _shop(api: RunningApi, switch: SwitchProcess) -> tuple[Link, int, str]:
    member = await post(api, "/v1/members", {"name": "سارا", "tier": "gold"})
    card = await post(api, "/v1/cards", {"member_id": member["id"]})
    merchant = await post(api, "/v1/merchants", {"merchant_id": SHOP, "name": "فروشگاه"})
    branch = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "مرکزی"})
    await post(
        api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": branch["id"], "key_generation": 1}
    )

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    link = Link(switch.terminals)
    await asyncio.to_thread(link.sign_on, TERMINAL)
    assert isinstance(member["id"], int)
    return link, member["id"], str(card["number"])


def _buy(link: Link, card: str, amount: int) -> str:
    link.send(link.purchase(amount, card=card, terminal_id=TERMINAL, merchant_id=SHOP))
    answered = link.receive_payload()
    assert answered is not None
    return decode(SPEC, answered).text(39)


async def _as(api: RunningApi, name: str, *permissions: str) -> HostApi:
    return api.calls.as_caller(api_key=(await new_key(api, name, *permissions))["X-API-Key"])


async def test_a_day_with_all_purses(api: RunningApi, switch: SwitchProcess) -> None:
    link, member, card = await _shop(api, switch)
    await _publish_rules(api)
    every = ("purses:*", "wallet:*", "budgets:*", "credit_grants:*", "credit_conversions:*")
    sara, omid = await _as(api, "sara", *every), await _as(api, "omid", *every)
    assert await asyncio.to_thread(_buy, link, card, 3_000_000) == "00"  # 300 points, 60,000 credit
    await _coins(sara, member)
    await _wallet(sara, omid, member)
    await _gift(api, sara, omid)
    await _rials(sara, omid, member)
    await _give_back(api, member)

    async def is_projected() -> bool:
        held = {each.name: each.amount for each in (await sara.purses.read_member_purses(member)).holdings}
        wanted = {"points": 100 - 60 + 45, "coins": 2, "wallet": 1_118_000, "gift": 100_000}
        return {name: held[name] for name in wanted} == wanted

    await eventually(is_projected)
    found = await sara.wallet.read_wallet(member)
    assert (found.balance, found.under_way, found.may_spend_today) == (1_118_000, 0, 50_000_000 - 400_000)
    catalogue = await sara.purses.read_purses()
    assert "coins" in {purse.name for purse in catalogue.purses}
    (rule,) = catalogue.conversions
    assert (rule.from_purse, rule.to_purse, rule.give, rule.per) == ("points", "coins", 1, 100)
    link.close()
    await asyncio.to_thread(switch.stop)
    state = recovered_state(switch.journal)
    assert not any(state.accounts.trial_balance().values())


async def _coins(sara: HostApi, member: int) -> None:
    """100 points each."""
    few = await sara.purses.convert_purse(
        member, PurseConversionCreate(from_purse=91, to_purse=93, units=150), wait_s=10
    )
    assert (few.state, few.response_code) == ("failed", "13")
    coins = await sara.purses.convert_purse(
        member, PurseConversionCreate(from_purse=91, to_purse=93, units=200), wait_s=10
    )
    assert (coins.state, (coins.balances_after or {})["91"], (coins.balances_after or {})["93"]) == (
        "done",
        100,
        2,
    )


async def _wallet(sara: HostApi, omid: HostApi, member: int) -> None:
    """Loaded by a shop and by the bank, with two persons."""
    load = await sara.wallet.load_wallet(
        member, WalletLoadCreate(amount=1_000_000, merchant_id=SHOP), wait_s=10
    )
    assert (load.state, load.balance_after) == ("done", 1_000_000)
    transfer = BankTransferCreate(member_id=member, amount=500_000, bank_reference="14040512/1")
    told = await sara.wallet.ask_bank_transfer(transfer)
    with pytest.raises(problems.BankTransferKnown):
        await omid.wallet.ask_bank_transfer(transfer)
    with pytest.raises(problems.SecondPersonNeeded):
        await sara.wallet.approve_bank_transfer(told.id, WalletDecision())
    done = await omid.wallet.approve_bank_transfer(told.id, WalletDecision(), wait_s=10)
    assert (done.state, done.balance_after, done.merchant_id) == ("done", 1_500_000, "CLUB")
    paid = await sara.wallet.spend_from_wallet(
        member, WalletSpendingCreate(amount=400_000, merchant_id=SHOP), wait_s=10
    )
    assert (paid.state, paid.balance_after) == ("done", 1_100_000)
    short = await sara.wallet.spend_from_wallet(
        member, WalletSpendingCreate(amount=1_200_000, merchant_id=SHOP), wait_s=10
    )
    assert (short.state, short.response_code) == ("failed", "51")


async def _gift(api: RunningApi, sara: HostApi, omid: HostApi) -> None:
    """A gift for everybody, under a budget."""
    budget = await sara.budgets.open_budget(
        BudgetCreate(title="Norouz", owner="Club", purse=96, units=300_000)
    )
    (change,) = [each async for each in sara.budgets.list_budget_changes(state="asked")]
    await omid.budgets.approve_budget_change(change.id, BudgetChangeDecision())
    wanted = CreditGrantCreate.model_validate(
        {
            "title": "Norouz",
            "reason": "for all",
            "budget_id": budget.id,
            "purse": 96,
            "units": 100_000,
            "valid_days": 30,
            "audience": {"f": "tier", "op": "in", "v": ["gold"]},
            "members_at_most": 3,
        }
    )
    grant = await sara.credit_grants.ask_credit_grant(wanted)
    await omid.credit_grants.approve_credit_grant(grant.id, GrantDecision())

    async def is_given() -> bool:
        return (await sara.credit_grants.read_credit_grant(grant.id)).given == 1

    await eventually(is_given)
    await post(api, "/v1/jobs/end-credit-grants/runs", {}, 202)

    async def is_done() -> bool:
        return (await sara.credit_grants.read_credit_grant(grant.id)).state == "done"

    await eventually(is_done)
    kept = await sara.budgets.read_budget(budget.id)
    assert (kept.reserved, kept.consumed, kept.free) == (0, 100_000, 200_000)


async def _rials(sara: HostApi, omid: HostApi, member: int) -> None:
    """Credit becomes rials in the wallet, by the table of rates."""
    with pytest.raises(problems.PurseNotConvertible):
        await sara.credit_conversions.convert_credit(member, ConversionCreate(units=10))
    rate = await sara.credit_conversions.ask_conversion_rate(
        ConversionRateCreate(
            give=9, per=10, units_min=1_000, starts_at=utc_now() + timedelta(seconds=1), reason="spring"
        )
    )
    await omid.credit_conversions.approve_conversion_rate(rate.id, RateDecision())

    async def is_in_force() -> bool:
        return [each.is_in_force async for each in sara.credit_conversions.list_conversion_rates()] == [True]

    await eventually(is_in_force)
    with pytest.raises(problems.UnitsNotConvertible):
        await sara.credit_conversions.convert_credit(member, ConversionCreate(units=999))
    with pytest.raises(problems.UnitsNotConvertible):
        await sara.credit_conversions.convert_credit(member, ConversionCreate(units=1_000, rials_min=901))
    made = await sara.credit_conversions.convert_credit(member, ConversionCreate(units=20_001), wait_s=10)

    async def is_converted() -> bool:
        return (await sara.credit_conversions.read_credit_conversion(made.id)).state == "done"

    await eventually(is_converted)
    assert made.rials == 18_000
    too_much = await sara.credit_conversions.convert_credit(
        member, ConversionCreate(units=99_999_999), wait_s=10
    )
    assert (too_much.state, too_much.response_code) == ("refused", "51")


async def _give_back(api: RunningApi, member: int) -> None:
    """What a debit took comes back, in parts."""
    database, outcomes = api.runtime.database, api.runtime.outcomes
    caller = system_caller("points", FIRST_PROGRAMME)

    async def ask(reference: str, rrn: str | None, units: int) -> tuple[str | None, str]:
        movement = (
            debit(member, 91, units, "order 1") if rrn is None else return_of_debit(member, 91, units, rrn)
        )
        async with database.writing(FIRST_PROGRAMME) as session:
            request_id = await request_points(
                session, movement, service="shopping", reference=reference, asked_by=caller
            )
        found = await outcomes.outcome(FIRST_PROGRAMME, request_id, 10)
        assert found is not None
        return found.response_code, found.rrn or ""

    code, rrn = await ask("take", None, 60)
    assert code == "00"
    answers = [await ask(f"back {units}", rrn, units) for units in (20, 25, 16)]
    assert [code for code, _ in answers] == ["00", "00", "61"]

    async def is_told() -> bool:
        return (await api.client.get(f"/v1/transactions/{answers[2][1]}")).status_code == 200

    await eventually(is_told)
    taken, back = [await get(api, f"/v1/transactions/{each}") for each in (rrn, answers[1][1])]
    assert (taken["standing"], taken["returned_amount"]) == ("part_returned", 45)
    assert (back["operation"], back["amount"], back["net_amount"]) == ("debit_return", 25, 0)
    assert (back["concerns_rrn"], back["merchant_id"], back["currency"]) == (rrn, "CLUB", "999")
    told = json.dumps(await get(api, "/v1/dashboard"))
    assert '"returns": 0' in told
    assert not re.search(r'"returns": [1-9]', told)
