"""Festivals through the API and the job: taking part, the leaderboard, and awards that are given once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.budgets import administration as budgets
from host_api.services.budgets.models import BudgetChange
from host_api.services.budgets.schemas import BudgetCreate
from host_api.services.draws import logic as draws
from host_api.services.draws import publication
from host_api.services.festivals import awards, settlement, taking_part
from host_api.services.festivals.award_schemas import FestivalPrizeInstead
from host_api.services.festivals.problems import (
    FestivalAwardSettled,
    FestivalNotForMember,
    FestivalNotOpen,
    FestivalTimesDisagree,
    FestivalWithoutCategories,
)
from host_api.services.festivals.schemas import FestivalCancel
from host_api.services.members.models import Member
from host_api.services.prizes import logic as prizes
from host_api.services.prizes.schemas import PrizeCreate
from tests.host_api.api_calls import get, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.festivals.festival_club import START, FestivalClub, festival_club
from tests.host_api.services.grouping.history import Journal, member, store

pytestmark = pytest.mark.anyio

SECOND = Caller(CallerKind.API_KEY, "second", "second", FIRST_PROGRAMME, frozenset())


@pytest.fixture
async def club(database: Database, settings: Settings) -> FestivalClub:
    """Twelve members, the higher their number the more they have bought on each of ten days."""
    found = await festival_club(database, settings)
    journal = Journal()
    for day in range(10):
        for number in range(1, 13):
            journal.sale(number, START + timedelta(days=day, hours=1), 100 * number)
    people = [member(number, tier="gold" if number % 2 else "silver") for number in range(1, 13)]
    await store(database, [*people, member(13, status="blocked")], journal)
    return found


async def _prize(club: FestivalClub, stock: int | None) -> int:
    wanted = PrizeCreate.model_validate(
        {"kind": "thing", "title": "Coin", "title_fa": "سکه", "value": 1, "stock": stock}
    )
    async with club.database.writing(FIRST_PROGRAMME) as session:
        return (await prizes.create(session, wanted)).id


async def test_members_choose_and_see_where_they_stand(club: FestivalClub) -> None:
    festival = await club.festival(audience={"f": "tier", "op": "=", "v": "gold"}, category_by="tier")
    for number in (2, 13):
        with pytest.raises(FestivalNotForMember):
            await club.join(festival, number)
    await club.join(festival, *range(1, 12, 2), 1)
    club.clock.turn(days=2)
    await club.settle()
    rows = await club.members(festival)
    assert [(row.member_id, row.score, row.place) for row in rows] == [
        (number, 2 * number, place) for place, number in enumerate(range(11, 0, -2), 1)
    ]
    async with club.database.reading(FIRST_PROGRAMME) as session:
        mine = await taking_part.mine(session, festival, 5)
        board = await taking_part.top(session, festival, "gold", 2)
    assert (mine.mine.place, mine.mine.category_place, mine.category) == (4, 4, "gold")
    assert [line.score for line in mine.above] == [22, 18, 14]
    assert [line.score for line in mine.below] == [6, 2]
    assert [(line.place, line.name) for line in board.places] == [(1, "ع… 1…"), (2, "ع… 9…")]
    assert board.counted_until == club.clock()
    # The board is made anew in its time; who left is not on it, and who comes back is there again.
    async with club.database.writing(FIRST_PROGRAMME) as session:
        await taking_part.leave(session, festival, 11)
    club.clock.turn(minutes=30)
    await club.settle()
    assert [row.place for row in await club.members(festival)] == [2, 3, 4, 5, 6]
    club.clock.turn(minutes=31)
    await club.settle()
    assert [row.place for row in await club.members(festival)] == [1, 2, 3, 4, 5]
    await club.join(festival, 11)
    club.clock.turn(days=9)
    await club.settle()
    assert (await club.members(festival))[0].score == 110
    with pytest.raises(FestivalNotOpen):
        await club.join(festival, 1)


async def test_several_awards_are_settled_once_under_a_budget(
    club: FestivalClub, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold, silver = await _prize(club, 2), await _prize(club, None)
    async with club.database.writing(FIRST_PROGRAMME) as session:
        wanted = BudgetCreate.model_validate({"title": "Bud", "owner": "Own", "purse": 91, "units": 100})
        budget = (await budgets.open_budget(session, wanted, club.caller))[0].id
        change = (await session.scalars(select(BudgetChange.id))).one()
        await budgets.approve(session, change, SECOND, None)
    festival = await club.festival(category_by="tier")
    for days, changes in ((0, {}), (11, {}), (3, {"counts_from": START - timedelta(days=1)})):
        with pytest.raises(FestivalTimesDisagree):
            await club.award(festival, days=days, **changes)
    plain = await club.festival()
    with pytest.raises(FestivalWithoutCategories):
        await club.award(plain, days=1, is_by_category=True)
    given = [
        {"from_rank": 1, "to_rank": 1, "prize_id": gold, "cost_units": 20},
        {"from_rank": 2, "to_rank": 3, "prize_id": silver, "cost_units": 10},
    ]
    first = await club.award(
        festival, days=3, is_by_category=True, winners=3, prizes=given, budget_id=budget, budget_units=55
    )
    second = await club.award(
        festival, days=6, counts_from=START + timedelta(days=3), winners=2, min_score=34, prizes=given[:1]
    )
    assert (first.number, second.number, await _reserved(club, budget)) == (1, 2, (55, 0))
    await club.join(festival, *range(1, 13))
    club.clock.turn(days=3, minutes=59)
    await club.settle()
    assert (await club.awards(festival))[0].state == "planned"
    club.clock.turn(minutes=1)
    for killed in ("keep_best", "award_some"):
        with monkeypatch.context() as patch:
            patch.setattr(settlement, killed, _die)
            await club.settle()
    await club.settle()
    await club.settle()
    wins = [(win.category, win.rank, win.member_id, win.score, win.state) for win in await club.wins()]
    # By rank: two of 20 units, then of 10 each what is left of 55.
    assert wins == [
        ("gold", 1, 11, 33, "awarded"),
        ("gold", 2, 9, 27, "awarded"),
        ("gold", 3, 7, 21, "over_budget"),
        ("silver", 1, 12, 36, "awarded"),
        ("silver", 2, 10, 30, "over_budget"),
        ("silver", 3, 8, 24, "over_budget"),
    ]
    award = (await club.awards(festival))[0]
    assert (award.state, award.spent_units, await _reserved(club, budget)) == ("done", 50, (0, 50))
    with pytest.raises(FestivalAwardSettled):
        async with club.database.writing(FIRST_PROGRAMME) as session:
            await awards.cancel(session, festival, 1)
    # The second stretch counts anew, by which the board goes on; gold coins are gone.
    club.clock.turn(days=3)
    await club.settle()
    late = [win for win in await club.wins() if win.award_id != (await club.wins())[0].award_id]
    assert [(win.member_id, win.score, win.state) for win in late] == [(12, 36, "gone")]
    async with club.database.writing(FIRST_PROGRAMME) as session:
        await settlement.award_instead(session, festival, 2, FestivalPrizeInstead(rank=1, prize_id=silver))
    await club.settle()
    assert (await club.wins())[-1].state == "awarded"


async def _die(*_arguments: object) -> bool:
    raise SystemError


async def _reserved(club: FestivalClub, budget: int) -> tuple[int, int]:
    async with club.database.reading(FIRST_PROGRAMME) as session:
        found, _ = await budgets.read(session, budget)
        return found.reserved, found.consumed


async def test_a_draw_among_all_is_listed_by_score_and_held_once(club: FestivalClub) -> None:
    festival = await club.festival()
    made = await club.award(
        festival,
        days=4,
        method="draw",
        winners=5,
        min_score=12,
        score_per_chance=20,
        most_chances=3,
        public_value_source="the day's index",
    )
    assert made.commitment is not None
    await club.join(festival, *range(1, 13))
    await club.joined_at(festival, 12, START + timedelta(days=5))
    async with club.database.writing(FIRST_PROGRAMME) as session:
        blocked = await session.scalars(select(Member).where(Member.id == 10))
        blocked.one().status = "blocked"
    club.clock.turn(days=4, hours=2)
    await club.settle()
    async with club.database.reading(FIRST_PROGRAMME) as reading:
        draw_id = await awards.find_draw(reading, festival, 1)
        proof = (await publication.proofs(reading, draw_id, 11)).proofs[0]
        assert (await publication.proofs(reading, draw_id, 12)).proofs == []
        lines = (await publication.part(reading, draw_id, 0)).lines
    # Of those who have 12 to 44, joined in time and were not blocked: one chance, and one more for each 20.
    assert len(lines) == sum(min(3, 1 + 4 * number // 20) for number in (3, 4, 5, 6, 7, 8, 9, 11))
    assert (proof.chances, lines[proof.position]) == (3, proof.entry)
    async with club.database.writing(FIRST_PROGRAMME) as session:
        await draws.enter_public_value(session, draw_id, "7", SECOND, club.clock())
    await club.settle()
    wins = await club.wins()
    assert len({win.member_id for win in wins}) == 5

    async def again() -> bool:
        async with club.database.reading(FIRST_PROGRAMME) as reading:
            drawn = await draws.find_winners(reading, club.cipher, draw_id)
            award = await awards.find(reading, festival, 1)
        async with club.database.writing(FIRST_PROGRAMME) as session:
            return await settlement.keep_drawn(session, award.id, drawn, club.clock())

    assert not any(await asyncio.gather(again(), again()))
    assert [win.member_id for win in await club.wins()] == [win.member_id for win in wins]
    assert (await club.awards(festival))[0].state == "done"


async def test_what_is_cancelled_is_not_awarded(club: FestivalClub) -> None:
    festival = await club.festival()
    await club.award(festival, days=1, method="draw")
    await club.award(festival, days=2)
    await club.join(festival, 1, 2)
    async with club.database.writing(FIRST_PROGRAMME) as session:
        assert (await awards.cancel(session, festival, 1)).state == "cancelled"
        for _ in range(2):
            await awards.cancel_festival(session, festival, FestivalCancel(reason="no money"), club.clock())
    club.clock.turn(days=5)
    await club.settle()
    assert ([award.state for award in await club.awards(festival)], await club.wins()) == (
        ["cancelled", "cancelled"],
        [],
    )
    with pytest.raises(FestivalNotOpen):
        await club.award(festival, days=6)
    with pytest.raises(FestivalNotOpen):
        await club.join(festival, 3)


async def test_through_the_api(api: RunningApi) -> None:
    person = (await post(api, "/v1/members", {"name": "Sara Nik"}))["id"]
    wanted = {
        "title": "Spring",
        "title_fa": "بهار",
        "indicators": [{"kind": "visits", "points": 10}],
        "starts_at": "1404-01-01T00:00",
        "ends_at": "1450-01-01T00:00",
    }
    made = await post(api, "/v1/festivals", wanted)
    path = f"/v1/festivals/{made['id']}"
    assert (made["state"], made["members"]) == ("open", 0)
    mine = await post(api, f"{path}/members", {"member_id": person})
    assert (mine["mine"], mine["above"]) == (
        {"place": None, "category_place": None, "score": 0, "name": "S… N…"},
        [],
    )
    assert await get(api, f"{path}/members/{person}") == mine
    assert (await get(api, path))["members"] == 1
    assert len((await get(api, f"{path}/board"))["places"]) == 1  # type: ignore[arg-type]
    award = {"title": "A", "title_fa": "ج", "method": "draw", "winners": 1, "at": "1449-01-01T00:00"}
    assert (await post(api, f"{path}/awards", award))["state"] == "planned"
    page = await get(api, f"{path}/awards/1/draw")
    assert (page["state"], page["seed"]) == ("committed", None)
    assert (await get(api, f"{path}/awards/1/wins")) == {"wins": [], "is_more": False}
    changed = await api.client.patch(path, json={"refresh_minutes": 5}, headers={"If-Match": '"1"'})
    assert changed.json()["refresh_minutes"] == 5
    assert (await post(api, f"{path}/awards/1/cancellation", None))["state"] == "cancelled"
    assert (await api.client.delete(f"{path}/members/{person}")).status_code == 204
    assert problem(await api.client.get(f"{path}/members/{person}")) == (404, "not-in-festival")
    assert (await post(api, f"{path}/cancellation", {"reason": "too early"}))["state"] == "cancelled"
    wrong_festivals: list[dict[str, object]] = [
        {"indicators": []},
        {"indicators": [{"kind": "days"}, {"kind": "days"}]},
        {"indicators": [{"kind": "days", "points": 9, "most": 8}]},
        {"ends_at": "1403-01-01T00:00"},
        {"refresh_minutes": 1},
    ]
    for wrong in wrong_festivals:
        assert problem(await api.client.post("/v1/festivals", json=wanted | wrong))[0] == 422, wrong
    wrong_awards: list[dict[str, object]] = [
        {"is_by_category": True},
        {"method": "ranking", "public_value_source": "x"},
        {"budget_units": 5},
        {"prizes": [{"from_rank": 2, "to_rank": 1, "prize_id": 1}]},
    ]
    for wrong in wrong_awards:
        assert problem(await api.client.post(f"{path}/awards", json=award | wrong))[0] == 422, wrong
