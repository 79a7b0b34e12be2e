"""Many at once: the limits of a wallet hold, and a bank transfer counts once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host_api.client import problems
from host_api.client.api import HostApi
from host_api.client.models.members import MemberCreate
from host_api.client.models.wallet import (
    BankTransferCreate,
    WalletDecision,
    WalletLoadCreate,
    WalletPolicyUpdate,
    WalletSpendingCreate,
)
from host_api.core.settings import Settings
from tests.host_api.points_bench import new_key, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def _as(api: RunningApi, name: str) -> HostApi:
    return api.calls.as_caller(api_key=(await new_key(api, name, "wallet:*"))["X-API-Key"])


async def test_limits_hold_for_all_at_once(api: RunningApi, peer: SwitchPeer) -> None:
    sara, omid = await _as(api, "sara"), await _as(api, "omid")
    member = (await api.calls.members.create_member(MemberCreate(name="Sara"))).id
    limits = WalletPolicyUpdate(balance_max=500_000, day_load_max=400_000, day_spend_max=100_000)
    changed = await sara.wallet.change_wallet_policy(limits, if_match='"1"')
    assert (changed.load_min, changed.day_load_max) == (10_000, 400_000)
    with pytest.raises(problems.ChangedMeanwhile):
        await sara.wallet.change_wallet_policy(limits, if_match='"1"')

    async def load(amount: int) -> int:
        try:
            wanted = WalletLoadCreate(amount=amount, merchant_id="SHOP01")
            made = await sara.wallet.load_wallet(member, wanted, wait_s=10)
        except problems.WalletLimitReached:
            return 0
        return made.amount if made.state == "done" else 0

    assert sum(await asyncio.gather(*(load(150_000) for _ in range(5)))) == 300_000
    assert await load(9_999) == 0
    assert peer.balances[member] == 300_000

    async def spend(amount: int) -> int:
        try:
            wanted = WalletSpendingCreate(amount=amount, merchant_id="SHOP01")
            made = await sara.wallet.spend_from_wallet(member, wanted, wait_s=10)
        except problems.WalletLimitReached:
            return 0
        return made.amount if made.state == "done" else 0

    assert sum(await asyncio.gather(*(spend(40_000) for _ in range(4)))) == 80_000
    # The day has room for 100,000 more; one of two that write the same transfer down has it.
    transfer = BankTransferCreate(member_id=member, amount=100_000, bank_reference="14040512/1")
    written = await asyncio.gather(
        *(sara.wallet.ask_bank_transfer(transfer) for _ in range(3)), return_exceptions=True
    )
    (told,) = [act for act in written if not isinstance(act, BaseException)]
    assert {type(fault) for fault in written if fault is not told} == {problems.BankTransferKnown}
    decided = await asyncio.gather(
        *(omid.wallet.approve_bank_transfer(told.id, WalletDecision(), wait_s=10) for _ in range(3)),
        return_exceptions=True,
    )
    (done,) = [act for act in decided if not isinstance(act, BaseException)]
    assert {type(fault) for fault in decided if fault is not done} == {problems.AlreadyDecided}
    assert (done.state, peer.balances[member]) == ("done", 320_000)
    over = await sara.wallet.ask_bank_transfer(
        transfer.model_copy(update={"amount": 10_000, "bank_reference": "2222"})
    )
    with pytest.raises(problems.WalletLimitReached):
        await omid.wallet.approve_bank_transfer(over.id, WalletDecision())
    assert (await omid.wallet.reject_bank_transfer(over.id, WalletDecision())).state == "rejected"
    again = await sara.wallet.ask_bank_transfer(transfer.model_copy(update={"bank_reference": "2222"}))
    assert (await sara.wallet.cancel_bank_transfer(again.id)).state == "cancelled"
    wallet = await sara.wallet.read_wallet(member)
    assert (wallet.may_load_today, wallet.may_spend_today) == (0, 20_000)
