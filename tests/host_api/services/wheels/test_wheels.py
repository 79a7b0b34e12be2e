"""Wheels: entitlement, odds, prizes, substitutes, bought spins and grants (WHL-01, WHL-02)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from sqlalchemy import update

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members.standing import set_standings
from host_api.services.wheels import spinning
from host_api.services.wheels.logic import grant_spins
from host_api.services.wheels.models import Spin
from host_api.services.wheels.problems import NoSpinLeft
from host_api.services.wheels.schemas import SpinCreate
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.people import problem
from tests.host_api.points_bench import person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.acceptance_bench import patch
from tests.host_api.services.contests.contest_calls import members
from tests.host_api.services.prizes.prize_calls import prize
from tests.host_api.services.wheels.wheel_calls import (
    NOTHING,
    piece,
    published,
    slices_of,
    spin,
    spins,
    spun,
    wanted,
)
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

CALLER = system_caller("tests", FIRST_PROGRAMME)
NEVER = NOTHING | {"weight": 0}


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def test_free_spins_then_earned_then_bought_ones(api: RunningApi, peer: SwitchPeer) -> None:
    (member, poor) = await members(api, 2)
    peer.balances = {member: 100}
    wheel = await published(api, free_per_day=2, price=40, bought_per_day=2)
    left = f"/v1/wheels/{wheel}/members/{member}"
    assert (await get(api, left))["free"] == 2
    grant = {"member_id": member, "count": 1, "reference": "c-1", "reason": "جبران خطا"}
    for _ in range(2):  # the same reference grants once
        assert (await post(api, f"/v1/wheels/{wheel}/grants", grant))["earned"] == 1
    other = await api.client.post(f"/v1/wheels/{wheel}/grants", json=grant | {"count": 2})
    assert problem(other) == (409, "wheel-grant-used")
    sources = [(await spun(api, wheel, member))["source"] for _ in range(3)]
    assert sources == ["free", "free", "earned"]
    assert problem(await spin(api, wheel, member)) == (409, "wheel-no-spin-left")
    assert peer.balances == {member: 100}
    for balance in (60, 20):
        bought = await spun(api, wheel, member, buy=True)
        assert (bought["source"], bought["price"], bought["state"]) == ("bought", 40, "done")
        assert peer.balances == {member: balance}
    assert problem(await spin(api, wheel, member, buy=True)) == (409, "wheel-no-spin-left")
    shown = await get(api, left)
    assert (shown["free"], shown["earned"], shown["can_buy"], shown["is_admitted"]) == (0, 0, 0, True)
    await _yesterday(api, wheel)
    shown = await get(api, left)
    assert (shown["free"], shown["can_buy"]) == (2, 2)
    for _ in range(2):
        await spun(api, wheel, poor)
    refused = await spun(api, wheel, poor, buy=True)
    assert (refused["state"], refused["response_code"], refused["given"]) == ("refused", "51", None)
    assert (await get(api, f"/v1/wheels/{wheel}/members/{poor}"))["can_buy"] == 2


async def _yesterday(api: RunningApi, wheel: int) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        before = utc_now() - timedelta(days=1)
        await session.execute(update(Spin).where(Spin.wheel_id == wheel).values(asked_at=before))


async def test_a_slice_that_is_out_gives_its_substitute_and_says_so(
    api: RunningApi, peer: SwitchPeer
) -> None:
    people = await members(api, 5)
    cup = await prize(api, stock=1)
    wheel = await published(
        api,
        piece("cup", "prize", 7, prize_id=cup, substitute="ten"),
        piece("ten", "units", 0, units=10, stock=2, substitute="more", valid_days=30),
        piece("more", "again", 0, stock=1, substitute="nothing"),
        NEVER,
    )
    before = (await slices_of(api, wheel))["cup"]
    assert (before["weight"], before["total_weight"], before["is_out"]) == (7, 7, False)
    made = [await spun(api, wheel, member) for member in people]
    assert [(each["slice"], each["given"]) for each in made] == [
        ("cup", given) for given in ("cup", "ten", "ten", "more", "nothing")
    ]
    award = await get(api, f"/v1/prizes/awards/{made[0]['award_id']}")
    assert (award["service"], award["reference"], award["state"]) == ("wheels", str(made[0]["id"]), "waiting")
    assert (await get(api, f"/v1/wheels/{wheel}/members/{people[3]}"))["earned"] == 1
    after = await slices_of(api, wheel)
    assert {code: each["is_out"] for code, each in after.items()} == {
        "cup": True,
        "ten": True,
        "more": True,
        "nothing": False,
    }
    assert after["ten"]["given"] == 2
    await peer.wait_for(lambda: peer.balances == {people[1]: 10, people[2]: 10})


async def test_a_spin_names_the_odds_it_was_drawn_by(api: RunningApi) -> None:
    first, second = await members(api, 2)
    wheel = await published(api, piece("a", "nothing", 1), piece("b", "nothing", 3))
    path = f"/v1/wheels/{wheel}"
    before = await spun(api, wheel, first)
    changed = await patch(api, path, {"slices": [piece("b", "nothing", 10**9)]})
    after = await spun(api, wheel, second)
    odds = {each["id"]: each for each in (await api.client.get(f"{path}/odds")).json()}
    assert list(odds) == [changed["odds_id"], before["odds_id"]]
    assert [each["weight"] for each in odds[before["odds_id"]]["slices"]] == [1, 3]
    assert before["total"] == 4
    assert before["slice"] == ("a" if before["number"] == 0 else "b")
    assert (after["odds_id"], after["total"], after["slice"]) == (changed["odds_id"], 10**9, "b")


async def test_one_key_is_one_spin(api: RunningApi) -> None:
    (member,) = await members(api, 1)
    wheel = await published(api, free_per_day=5)
    answers = [await spin(api, wheel, member, headers={"Idempotency-Key": "one-spin"}) for _ in range(3)]
    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    assert len(await spins(api, wheel)) == 1


async def test_only_those_for_whom_it_is_spin_and_only_in_its_time(api: RunningApi) -> None:
    gold, other = await members(api, 2)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await set_standings(session, {gold: {"tier": "gold"}})
    wheel = await published(api, audience={"f": "tier", "op": "in", "v": ["gold"]}, free_total=1)
    assert problem(await spin(api, wheel, other)) == (409, "wheel-not-admitted")
    await spun(api, wheel, gold)
    await _yesterday(api, wheel)
    assert problem(await spin(api, wheel, gold)) == (409, "wheel-no-spin-left")  # one altogether
    await post(api, f"/v1/wheels/{wheel}/withdrawal", {})
    assert problem(await spin(api, wheel, gold)) == (409, "wheel-not-open")
    over = (utc_now() - timedelta(seconds=1)).isoformat()
    for changes in ({"ends_at": over}, {"starts_at": (utc_now() + timedelta(hours=1)).isoformat()}):
        closed = await published(api, **changes)
        assert problem(await spin(api, closed, gold)) == (409, "wheel-not-open")
    draft = await post(api, "/v1/wheels", wanted())
    assert problem(await spin(api, int(str(draft["id"])), gold)) == (409, "wheel-not-open")
    reader = await person(api, "reader", "wheels:read", "wheels:write")
    await reader.post(f"/v1/wheels/{wheel}/spins", {"member_id": gold}, 403)


async def test_units_that_the_switch_declines_are_paid_later(api: RunningApi, peer: SwitchPeer) -> None:
    (member,) = await members(api, 1)
    wheel = await published(api, piece("ten", "units", 1, units=10))
    peer.refuse = lambda message: "62" if message.mti == "0200" else None
    made = await spun(api, wheel, member)
    path = f"/v1/wheel-spins/{made['id']}"
    await peer.wait_for(lambda: bool(peer.messages) and peer.messages[-1].mti == "0200")
    await _is(api, path, "unpaid")
    peer.refuse = lambda message: None
    await post(api, f"{path}/payments", {})
    await _is(api, path, "done")
    assert peer.balances == {member: 10}
    assert problem(await api.client.post(f"{path}/payments", json={})) == (409, "wheel-in-another-state")


async def _is(api: RunningApi, path: str, state: str) -> None:
    async def is_so() -> bool:
        return (await get(api, path))["state"] == state

    await eventually(is_so)


def _always(number: int) -> spinning.Draw:
    return lambda _total: number


def test_a_week_begins_on_saturday_in_tehran() -> None:
    # 2026-11-21 is a Saturday, which begins at 20:30 UTC of the day before.
    begins = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    for instant in (begins, begins + timedelta(days=6, hours=23, minutes=59)):
        assert spinning.start_of_week(instant) == begins
    assert spinning.start_of_week(begins - timedelta(seconds=1)) == begins - timedelta(days=7)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_stocks_and_entitlements_hold_whatever_is_drawn(api: RunningApi) -> None:
    people = await members(api, 2)
    database = api.runtime.database
    acts = st.tuples(st.sampled_from(people), st.booleans(), st.integers(0, 9))

    @bounds(max_examples=8, deadline=None)
    @given(st.lists(acts, min_size=8, max_size=25))
    def prepare(found: list[tuple[int, bool, int]]) -> None:
        plans.append(found)

    plans: list[list[tuple[int, bool, int]]] = []
    prepare()
    for plan in plans[:8]:
        cup = await prize(api, stock=2)
        wheel = await published(
            api,
            piece("cup", "prize", 4, prize_id=cup, stock=3, substitute="more"),
            piece("more", "again", 4, stock=1, substitute="nothing"),
            NOTHING | {"weight": 2},
            free_per_day=3,
            free_total=4,
        )
        granted = dict.fromkeys(people, 0)
        for place, (member, is_grant, number) in enumerate(plan):
            async with database.writing(FIRST_PROGRAMME) as session:
                if is_grant:
                    await grant_spins(
                        session, wheel, member, 1, service="tests", reference=f"{wheel}:{place}"
                    )
                    granted[member] += 1
                    continue
                try:
                    await spinning.spin(
                        session, wheel, SpinCreate(member_id=member), CALLER, draw=_always(number)
                    )
                except NoSpinLeft:
                    left = await spinning.spins_left(session, wheel, member)
                    assert (left.free, left.earned) == (0, 0)
        made = await spins(api, wheel)
        given_away = [each["given"] for each in made]
        assert given_away.count("cup") <= 2
        assert given_away.count("more") <= 1
        for member in people:
            own = [each for each in made if each["member_id"] == member]
            again = sum(each["given"] == "more" for each in own)
            sources = [each["source"] for each in own]
            assert sources.count("free") <= 3
            left_over = (await get(api, f"/v1/wheels/{wheel}/members/{member}"))["earned"]
            assert sources.count("earned") + int(str(left_over)) == granted[member] + again
