"""Contests: costs, scenarios, conditions, results by two persons, settlement, refunds (CON-01 to CON-06)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.ledger.outcomes import outcome_of
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.contests.models import ContestEntry
from host_api.services.contests.paying import on_outcome
from host_api.services.members.standing import set_standings
from tests.host_api.api_calls import get, post
from tests.host_api.people import problem
from tests.host_api.points_bench import person, runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.host_api.services.acceptance_bench import change, patch
from tests.host_api.services.contests.contest_calls import (
    FREE,
    close,
    decided,
    enter,
    entered,
    entries,
    members,
    published,
    question,
    second_person,
    settle,
    until_none_is_on_its_way,
    wanted,
)
from tests.host_api.switch_peer import SwitchPeer

pytestmark = pytest.mark.anyio

UNSOUND: list[dict[str, object]] = [
    {"ends_at": "2026-01-01T00:00:00Z"},
    {"stake_cap": None},
    {"stake_least": 501},
    {"payout_mode": "prize", "prize_units": 5},
    {"questions": None},
    {"questions": [question(("a", 1), ("b", 1)), question(("a", 1), ("b", 1), code="two")]},
    {"questions": [question(("a", 1), ("a", 1))]},
    {"questions": [question(("a", 0), ("b", 1))]},
    {"scenario": "quiz"},
    {"scenario": "quiz", "right_answers": {"winner": "nobody"}},
    {"scenario": "ranking", "questions": None},
    {"scenario": "ranking", "questions": None, "ranks": [1, 2]},
    {"club_part": 5},
    {"right_needed": 2},
    FREE | {"prize_units": None},
    FREE | {"prize_id": 3},
]


@pytest.fixture
async def peer() -> AsyncIterator[SwitchPeer]:
    async with SwitchPeer() as running:
        yield running


@pytest.fixture
async def api(settings: Settings, tmp_path: Path, peer: SwitchPeer) -> AsyncIterator[RunningApi]:
    async with running_api(runtime_with(settings, tmp_path, switch=peer.endpoint)) as running:
        yield running


async def test_a_floating_stake_wins_its_multiple_once(api: RunningApi, peer: SwitchPeer) -> None:
    sara, reza, poor = await members(api, 3)
    peer.balances = {sara: 1000, reza: 1000, poor: 5}
    contest = await published(api)
    first = await entered(api, contest, sara, 201)
    assert (first["possible"], first["response_code"]) == (371, "00")  # 201 * 1.85 = 371.85
    await entered(api, contest, reza, 100, {"winner": "away"})
    refused = (await enter(api, contest, poor, 10)).json()
    assert (refused["state"], refused["response_code"]) == ("refused", "51")
    shown = await get(api, f"/v1/contests/{contest}")
    assert (shown["state"], shown["entries"], shown["staked"], shown["exposure"]) == ("open", 2, 301, 591)
    assert problem(await enter(api, contest, sara, 10)) == (409, "contest-entries-used-up")
    early = await api.client.post(f"/v1/contests/{contest}/results", json={"answers": {"winner": ["home"]}})
    assert problem(early) == (409, "contest-in-another-state")
    await close(api, contest)
    assert problem(await enter(api, contest, poor, 10)) == (409, "contest-not-open")

    wrong = await post(api, f"/v1/contests/{contest}/results", {"answers": {"winner": ["away"]}})
    own = await api.client.post(f"/v1/contest-results/{wrong['id']}/approval", json={})
    assert problem(own) == (403, "second-person-needed")
    second = await second_person(api)
    await second.post(f"/v1/contest-results/{wrong['id']}/approval", {})
    await decided(api, contest, {"winner": ["home"]})  # a correction before anybody was paid
    over = await settle(api, contest)
    assert (over["winners"], over["won"], over["entries"]) == (1, 371, 2)
    assert [(entry["state"], entry["payout"]) for entry in await entries(api, contest)] == [
        ("paid", 371),
        ("lost", 0),
        ("refused", None),
    ]
    assert peer.balances == {sara: 1000 - 201 + 371, reza: 900, poor: 5}
    states = [row["state"] for row in await _results(api, contest)]
    assert states == ["approved", "replaced"]
    late = await api.client.post(f"/v1/contests/{contest}/results", json={"answers": {"winner": ["away"]}})
    assert problem(late) == (409, "contest-in-another-state")
    await settle(api, contest)
    assert len(peer.posted) == 3


async def _results(api: RunningApi, contest: int) -> list[dict[str, object]]:
    answer = await api.client.get(f"/v1/contests/{contest}/results")
    found: list[dict[str, object]] = answer.json()
    return found


async def test_stakes_and_exposure_have_caps(api: RunningApi, peer: SwitchPeer) -> None:
    (member, other) = await members(api, 2)
    peer.balances = {member: 10_000, other: 10_000}
    contest = await published(api, entries_per_member=9, exposure_cap=1000)
    for stake in (9, 501, None):
        assert problem(await enter(api, contest, member, stake)) == (409, "contest-stake-not-allowed")
    await patch(api, "/v1/contest-policy", {"stake_cap": 400})
    assert problem(await enter(api, contest, member, 401)) == (409, "contest-stake-not-allowed")
    for answers in ({}, {"winner": "nobody"}, {"winner": "home", "other": "home"}):
        assert problem(await enter(api, contest, member, 10, answers)) == (409, "contest-answers-not-allowed")
    await entered(api, contest, member, 400)  # could win 740 of 1000
    assert problem(await enter(api, contest, other, 142)) == (409, "contest-exposure-reached")
    await entered(api, contest, other, 140)
    await patch(api, "/v1/contest-policy", {"exposure_cap": 500})
    assert problem(await enter(api, contest, other, 10)) == (409, "contest-exposure-reached")
    fixed = await post(api, "/v1/contests", wanted(cost_mode="fixed", stake_cap=401, stake_least=None))
    answer = await api.client.post(f"/v1/contests/{fixed['id']}/publication", json={})
    assert problem(answer) == (409, "contest-stake-not-allowed")


async def test_winners_share_a_pool_to_the_last_unit(api: RunningApi, peer: SwitchPeer) -> None:
    people = await members(api, 4)
    peer.balances = dict.fromkeys(people, 500)
    contest = await published(api, payout_mode="pool", club_part=100)
    for member, stake in zip(people, (100, 50, 50, 133), strict=True):
        answers = {"winner": "away" if stake == 133 else "home"}
        await entered(api, contest, member, stake, answers)
    assert (await get(api, f"/v1/contests/{contest}"))["exposure"] == 0
    await close(api, contest)
    await decided(api, contest, {"winner": ["home"]})
    over = await settle(api, contest)
    # 333 less the club's 33 are 300, by 100 : 50 : 50.
    assert (over["winners"], over["won"]) == (3, 300)
    assert [entry["payout"] for entry in await entries(api, contest)] == [150, 75, 75, 0]


async def test_a_pool_without_winner_goes_back_with_its_expiry(api: RunningApi, peer: SwitchPeer) -> None:
    (member,) = await members(api, 1)
    peer.balances = {member: 1000}
    contest = await published(api, payout_mode="pool")
    await entered(api, contest, member, 60)
    await close(api, contest)
    await decided(api, contest, {"winner": []})
    await settle(api, contest)
    ((entry,), (taken, given)) = (await entries(api, contest), peer.standing)
    assert (entry["state"], entry["payout"]) == ("refunded", 0)
    assert given.message.tag_text(48, "DF0E") == taken.rrn  # a return of the debit, no fresh credit


async def test_a_quiz_is_known_beforehand_and_told_to_nobody(api: RunningApi, peer: SwitchPeer) -> None:
    good, fair, bad = await members(api, 3)
    peer.balances = dict.fromkeys((good, fair, bad), 100)
    quiz = {
        "scenario": "quiz",
        "cost_mode": "fixed",
        "stake_least": None,
        "stake_cap": 20,
        "questions": [question(("x", 1500), ("y", 9000), code=code) for code in ("a", "b", "c")],
        "right_answers": {"a": "x", "b": "x", "c": "x"},
        "right_needed": 2,
    }
    contest = await published(api, **quiz)
    assert (await get(api, f"/v1/contests/{contest}"))["right_answers"] is None
    assert problem(await enter(api, contest, good, 20)) == (409, "contest-stake-not-allowed")
    for member, answers in ((good, "xxx"), (fair, "xyx"), (bad, "yyx")):
        await entered(api, contest, member, None, dict(zip("abc", answers, strict=True)))
    await close(api, contest)
    await settle(api, contest, "closed")  # enters the result, in the name of who wrote the answers
    (result,) = await _results(api, contest)
    assert result["answers"] == {"a": ["x"], "b": ["x"], "c": ["x"]}
    own = await api.client.post(f"/v1/contest-results/{result['id']}/approval", json={})
    assert problem(own) == (403, "second-person-needed")
    second = await second_person(api)
    await second.post(f"/v1/contest-results/{result['id']}/approval", {})
    await settle(api, contest)
    # 20 * 1.5 ** 3 = 67.5 and 20 * 1.5 ** 2 = 45.
    assert [entry["payout"] for entry in await entries(api, contest)] == [67, 45, 0]
    assert (await get(api, f"/v1/contests/{contest}"))["right_answers"] == {"a": "x", "b": "x", "c": "x"}


async def test_a_free_ranking_gives_its_prizes_by_score(api: RunningApi, peer: SwitchPeer) -> None:
    people = await members(api, 4)
    ranking = {"scenario": "ranking", "questions": None, "prize_units": None, "ranks": [50, 30]}
    contest = await published(api, **(FREE | ranking))
    assert (await get(api, f"/v1/contests/{contest}"))["exposure"] == 80
    made = [await entered(api, contest, member, None, {}) for member in people]
    for place, scores in enumerate(((10, 70), (70,), (90, 20), ())):
        for score in scores:
            await post(api, f"/v1/contest-entries/{made[place]['id']}/scores", {"score": score})
    await close(api, contest)
    late = await api.client.post(f"/v1/contest-entries/{made[3]['id']}/scores", json={"score": 99})
    assert problem(late) == (409, "contest-not-open")
    result = await decided(api, contest, {})
    assert result["ranking"] == [made[2]["id"], made[0]["id"]]  # who had 70 first
    await settle(api, contest)
    assert peer.balances == {people[2]: 50, people[0]: 30}


async def test_a_cancelled_contest_gives_every_stake_back(api: RunningApi, peer: SwitchPeer) -> None:
    people = await members(api, 3)
    peer.balances = dict.fromkeys(people, 1000)
    contest = await published(api, cost_mode="fixed", stake_least=None, stake_cap=40)
    made = [await entered(api, contest, member) for member in people]
    await _set_state(api, made[2], "asked")  # as long as the switch has not decided
    body = {"reason": "بازی برگزار نشد"}
    writer = await person(api, "writer", "contests:write", "contests:act")
    await writer.post(f"/v1/contests/{contest}/cancellation", body, 403)
    await post(api, f"/v1/contests/{contest}/cancellation", body)
    assert problem(await enter(api, contest, people[0])) == (409, "contest-not-open")
    await settle(api, contest, "cancelling")
    await until_none_is_on_its_way(api)
    assert [entry["state"] for entry in await entries(api, contest)] == ["refunded", "refunded", "asked"]
    await _found_taken(api, made[2])
    over = await settle(api, contest, "cancelled")
    assert [entry["state"] for entry in await entries(api, contest)] == ["refunded"] * 3
    assert over["cancel_reason"] == "بازی برگزار نشد"
    returned = [posted.message.text(4) for posted in peer.standing if posted.message.text(3)[:2] == "20"]
    assert returned == ["000000000040"] * 3
    again = await api.client.post(f"/v1/contests/{contest}/cancellation", json=body)
    assert problem(again) == (409, "contest-in-another-state")


async def test_what_the_switch_declines_can_be_paid_later(api: RunningApi, peer: SwitchPeer) -> None:
    (member,) = await members(api, 1)
    contest = await published(api, **FREE)
    await entered(api, contest, member)
    await close(api, contest)
    await decided(api, contest, {"winner": ["home"]})
    peer.refuse = lambda message: "62" if message.mti == "0200" else None
    await settle(api, contest)
    (entry,) = await entries(api, contest)
    assert (entry["state"], entry["response_code"], peer.balances) == ("unpaid", "62", {})
    peer.refuse = lambda message: None
    await post(api, f"/v1/contests/{contest}/payments", {})
    await settle(api, contest)
    assert peer.balances == {member: 30}
    again = await api.client.post(f"/v1/contests/{contest}/payments", json={})
    assert problem(again) == (409, "contest-in-another-state")


async def test_only_those_for_whom_it_is_enter_and_only_in_its_time(api: RunningApi) -> None:
    gold, other = await members(api, 2)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        await set_standings(session, {gold: {"tier": "gold"}})
    audience = {"f": "tier", "op": "in", "v": ["gold"]}
    contest = await published(api, **FREE, audience=audience)
    await entered(api, contest, gold)
    assert problem(await enter(api, contest, other)) == (409, "contest-not-admitted")
    later = (utc_now() + timedelta(minutes=30)).isoformat()
    coming = await published(api, **FREE, starts_at=later)
    assert (await get(api, f"/v1/contests/{coming}"))["state"] == "scheduled"
    assert problem(await enter(api, coming, gold)) == (409, "contest-not-open")
    draft = await post(api, "/v1/contests", wanted(**FREE))
    assert problem(await enter(api, int(str(draft["id"])), gold)) == (409, "contest-not-open")


async def test_what_members_rely_on_stays(api: RunningApi) -> None:
    (member,) = await members(api, 1)
    contest = await published(api, **FREE)
    path = f"/v1/contests/{contest}"
    await patch(api, path, {"prize_units": 40})
    await entered(api, contest, member)
    assert problem(await change(api, "PATCH", path, {"prize_units": 50})) == (409, "contest-fixed")
    home, away, draw = ("home", 1850), ("away", 2200), ("draw", 3000)
    for questions in ([question(away, home)], [question(("home", 1800), away)]):
        answer = await change(api, "PATCH", path, {"questions": questions})
        assert problem(answer) == (409, "contest-fixed")
    more = await patch(api, path, {"questions": [question(home, away, draw)], "title": "Other"})
    assert (more["title"], more["prize_units"]) == ("Other", 40)
    await patch(api, path, {"ends_at": (utc_now() + timedelta(minutes=5)).isoformat()})
    await close(api, contest)
    assert problem(await change(api, "PATCH", path, {"title": "Late"})) == (409, "contest-fixed")


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_parts_that_do_not_agree_are_refused(api: RunningApi) -> None:
    for changes in UNSOUND:
        answer = await api.client.post("/v1/contests", json=wanted(**changes))
        assert answer.status_code == 422, changes


async def test_a_doubtful_stake_that_was_taken_after_all_is_given_back(
    api: RunningApi, peer: SwitchPeer
) -> None:
    """The settlement doesn't wait for reconciliation."""
    sara, reza = await members(api, 2)
    peer.balances = {sara: 1000, reza: 1000}
    contest = await published(api, payout_mode="pool")
    doubtful = await entered(api, contest, sara, 70)
    await entered(api, contest, reza, 30)
    await _set_state(api, doubtful, "doubtful")
    await close(api, contest)
    await decided(api, contest, {"winner": ["home"]})
    over = await settle(api, contest)
    assert (over["entries"], over["staked"], over["won"]) == (1, 30, 30)
    await _found_taken(api, doubtful)
    await settle(api, contest)
    await until_none_is_on_its_way(api)
    assert [entry["state"] for entry in await entries(api, contest)] == ["refunded", "paid"]


async def _set_state(api: RunningApi, entry: dict[str, object], state: str) -> None:
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        (await session.get_one(ContestEntry, int(str(entry["id"])))).state = state


async def _found_taken(api: RunningApi, entry: dict[str, object]) -> None:
    """Tell what a late answer or reconciliation tells: the stake was taken."""
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        statement = select(LedgerRequest).where(LedgerRequest.reference == f"{entry['id']}:stake")
        await on_outcome(session, outcome_of((await session.scalars(statement)).one()))
