"""Credit to rials: the table of rates, and a member who is whole whatever the switch says."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from host_api.client import problems
from host_api.client.api import HostApi
from host_api.client.models.credit_conversions import (
    ConversionCreate,
    ConversionRateCreate,
    ConversionRead,
    RateDecision,
)
from host_api.client.models.members import MemberCreate
from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.credit_conversions.models import ConversionRate
from protocol.message import Message
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import new_key, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

APPROVED = RateDecision()


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def _as(api: RunningApi, name: str) -> HostApi:
    key = await new_key(api, name, "credit_conversions:*")
    return api.calls.as_caller(api_key=key["X-API-Key"])


async def _rated(api: RunningApi, peer: SwitchPeer) -> int:
    """A member with 1,000 of credit, half a rial each from now on."""
    member = (await api.calls.members.create_member(MemberCreate(name="Sara"))).id
    peer.balances[member] = 1_000
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        session.add(
            ConversionRate(
                purse=92,
                to_purse=94,
                give=1,
                per=2,
                units_min=10,
                step=5,
                starts_at=utc_now() - timedelta(days=1),
                reason="r",
                note=None,
                state="approved",
                asked_by="user:1",
                asked_by_name="n",
                asked_at=utc_now(),
            )
        )
    return member


async def _ended(who: HostApi, made: ConversionRead) -> str:
    state = ""

    async def is_over() -> bool:
        nonlocal state
        state = (await who.credit_conversions.read_credit_conversion(made.id)).state
        return state not in {"taking", "giving", "returning"}

    await eventually(is_over)
    return state


async def test_rates_take_two_persons_and_begin_later(api: RunningApi) -> None:
    sara, omid = await _as(api, "sara"), await _as(api, "omid")
    now = utc_now()

    async def ask(hours: float) -> int:
        wanted = ConversionRateCreate(give=9, per=10, starts_at=now + timedelta(hours=hours), reason="spring")
        return (await sara.credit_conversions.ask_conversion_rate(wanted)).id

    past, soon, sooner, later = [await ask(hours) for hours in (-1, 2, 1, 3)]
    with pytest.raises(problems.SecondPersonNeeded):
        await sara.credit_conversions.approve_conversion_rate(soon, APPROVED)
    with pytest.raises(problems.ConversionRateTooLate):
        await omid.credit_conversions.approve_conversion_rate(past, APPROVED)
    assert (await omid.credit_conversions.approve_conversion_rate(soon, APPROVED)).state == "approved"
    with pytest.raises(problems.ConversionRateTooLate):  # it would change what is promised from soon on
        await omid.credit_conversions.approve_conversion_rate(sooner, APPROVED)
    assert (await sara.credit_conversions.cancel_conversion_rate(sooner)).state == "cancelled"
    assert (await omid.credit_conversions.reject_conversion_rate(past, APPROVED)).state == "rejected"
    await omid.credit_conversions.approve_conversion_rate(later, APPROVED)
    listed = [rate async for rate in sara.credit_conversions.list_conversion_rates(state="approved")]
    assert [(rate.id, rate.is_in_force) for rate in listed] == [(later, False), (soon, False)]


async def test_of_two_at_once_the_switch_lets_one_have_it(api: RunningApi, peer: SwitchPeer) -> None:
    member, app = await _rated(api, peer), await _as(api, "app")
    for units in (9, 11):
        with pytest.raises(problems.UnitsNotConvertible):
            await app.credit_conversions.convert_credit(member, ConversionCreate(units=units))
    both = await asyncio.gather(
        *(
            app.credit_conversions.convert_credit(member, ConversionCreate(units=600, rials_min=300))
            for _ in range(2)
        )
    )
    assert sorted([await _ended(app, made) for made in both]) == ["done", "refused"]
    assert peer.balances[member] == 400 + 300  # the peer has one purse for all


async def test_rials_that_are_refused_bring_the_units_back(api: RunningApi, peer: SwitchPeer) -> None:
    member, app = await _rated(api, peer), await _as(api, "app")

    def refuse(message: Message) -> str | None:
        return "57" if message.fields.get(3) == "220094" else None

    peer.refuse = refuse
    made = await app.credit_conversions.convert_credit(member, ConversionCreate(units=600))
    assert await _ended(app, made) == "returned"
    assert peer.balances[member] == 1_000
    taken, back = peer.standing
    assert (back.message.text(3), back.message.tag_text(48, "DF0E")) == ("200092", taken.rrn)


async def test_a_lost_answer_leaves_the_member_whole(api: RunningApi, peer: SwitchPeer) -> None:
    member, app = await _rated(api, peer), await _as(api, "app")
    peer.fate = lambda count: "lose" if count % 2 else "serve"
    made = await app.credit_conversions.convert_credit(member, ConversionCreate(units=600))
    assert await _ended(app, made) == "done"
    assert peer.balances[member] == 700
