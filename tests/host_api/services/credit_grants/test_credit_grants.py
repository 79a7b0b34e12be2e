"""Grants: to as many as are paid for, to each once, and the budget has given what members got."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host_api.client import problems
from host_api.client.api import HostApi
from host_api.client.models.budgets import BudgetChangeDecision, BudgetCreate
from host_api.client.models.credit_grants import CreditGrantCreate, GrantDecision
from host_api.client.models.members import MemberCreate
from host_api.core.access.caller import system_caller
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.credit_grants import logic
from host_api.services.credit_grants.models import CreditGrant
from protocol.message import Message
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import new_key, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

APPROVED = GrantDecision()


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def _as(api: RunningApi, name: str) -> HostApi:
    key = await new_key(api, name, "credit_grants:*", "budgets:*")
    return api.calls.as_caller(api_key=key["X-API-Key"])


async def _budget(sara: HostApi, omid: HostApi, units: int) -> int:
    budget = await sara.budgets.open_budget(BudgetCreate(title="Norouz", owner="Club", purse=92, units=units))
    (change,) = [each async for each in sara.budgets.list_budget_changes(budget_id=budget.id)]
    await omid.budgets.approve_budget_change(change.id, BudgetChangeDecision())
    return budget.id


def _wanted(budget_id: int, **more: object) -> CreditGrantCreate:
    return CreditGrantCreate.model_validate(
        {"title": "Norouz", "reason": "a gift", "budget_id": budget_id, "units": 100, **more}
    )


ALL = {"audience": {"f": "tier", "op": "in", "v": ["initial"]}}


async def test_to_as_many_as_are_paid_for(api: RunningApi, peer: SwitchPeer) -> None:
    sara, omid = await _as(api, "sara"), await _as(api, "omid")
    members = [(await api.calls.members.create_member(MemberCreate(name="n"))).id for _ in range(5)]
    budget_id = await _budget(sara, omid, 1_000)

    def refuse(message: Message) -> str | None:
        is_gift = message.fields.get(3) == "220092"
        return "57" if is_gift and int(message.tag_text(48, "DF20")) == members[1] else None

    peer.refuse = refuse
    grant = await sara.credit_grants.ask_credit_grant(
        _wanted(budget_id, members_at_most=3, valid_days=7, **ALL)
    )
    with pytest.raises(problems.SecondPersonNeeded):
        await sara.credit_grants.approve_credit_grant(grant.id, APPROVED)
    assert (await omid.credit_grants.approve_credit_grant(grant.id, APPROVED)).state == "giving"
    assert (await sara.budgets.read_budget(budget_id)).reserved == 300

    async def is_over() -> bool:
        found = await sara.credit_grants.read_credit_grant(grant.id)
        return (found.given, found.failed, found.waiting, found.left_out) == (2, 1, 0, True)

    await eventually(is_over)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        row = await session.get_one(CreditGrant, grant.id)
        await logic.give(session, row, members[:3], system_caller("t", FIRST_PROGRAMME))  # once more
    for ended in (True, False):
        async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
            assert await logic.finish(session, grant.id) is ended
    kept = await sara.budgets.read_budget(budget_id)
    assert (kept.reserved, kept.consumed) == (0, 200)
    assert peer.balances == {members[0]: 100, members[2]: 100}
    assert {posted.message.tag_text(48, "DF5F") for posted in peer.standing} == {"0007"}
    gifts = [gift async for gift in sara.credit_grants.list_credit_gifts(grant_id=grant.id, sort="id")]
    assert [(gift.member_id, gift.state) for gift in gifts] == [
        (members[0], "given"),
        (members[1], "failed"),
        (members[2], "given"),
    ]


async def test_a_budget_for_one_of_two(api: RunningApi, peer: SwitchPeer) -> None:
    sara, omid = await _as(api, "sara"), await _as(api, "omid")
    member = (await api.calls.members.create_member(MemberCreate(name="n"))).id
    budget_id = await _budget(sara, omid, 150)
    with pytest.raises(problems.BudgetOfAnotherPurse):
        await sara.credit_grants.ask_credit_grant(_wanted(budget_id, member_id=member, purse=96))
    for wrong in ({}, {"member_id": member, **ALL}, {"member_id": member, "text_fa": "هدیه"}):
        with pytest.raises(problems.ValidationFailed):
            await sara.credit_grants.ask_credit_grant(_wanted(budget_id, **wrong))
    grants = [
        (await sara.credit_grants.ask_credit_grant(_wanted(budget_id, member_id=member))).id for _ in range(2)
    ]
    answers = await asyncio.gather(
        *(omid.credit_grants.approve_credit_grant(grant_id, APPROVED) for grant_id in grants),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers if isinstance(answer, BaseException)] == [
        problems.BudgetExhausted
    ]
    left = grants[[isinstance(answer, BaseException) for answer in answers].index(True)]
    assert (await omid.credit_grants.reject_credit_grant(left, APPROVED)).state == "rejected"
    await peer.wait_for(lambda: peer.balances.get(member) == 100)
