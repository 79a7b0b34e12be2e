"""Lotteries from the first ticket to the last prize: limits, payments, cancelling, and draws that a member's
own script repeats."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.database import Database
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.second_person import OwnAct
from host_api.core.settings import Settings
from host_api.services.draws import logic as draws
from host_api.services.draws.problems import DrawTakesNoValue
from host_api.services.lotteries import definitions, drawing, entering, member_view
from host_api.services.lotteries.problems import (
    LotteryAlreadyDrawn,
    LotteryLimitReached,
    LotteryNotForMember,
    LotteryNotOpen,
)
from host_api.services.lotteries.schemas import LotteryCancel, LotteryCopy
from host_api.services.members.identities.models import MemberIdentity
from host_api.services.messages.models import WaitingText
from tests.host_api.api_calls import get, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.grouping.history import member, store
from tests.host_api.services.lotteries.draw_check import verify
from tests.host_api.services.lotteries.lottery_club import START, LotteryClub, lottery_club

pytestmark = pytest.mark.anyio

POINTS = {"cost_mode": "points", "price": 50, "tickets_per_entry": 5, "entries_per_day": None}


@pytest.fixture
async def club(database: Database, settings: Settings) -> LotteryClub:
    return await lottery_club(database, settings)


async def test_a_free_lottery_is_drawn_once_and_any_member_can_check_it(
    club: LotteryClub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "_ENTRIES_AT_ONCE", 2)
    gold = await club.prize(2)
    lottery = await club.lottery(
        winners=4, prizes=[{"from_rank": 1, "to_rank": 3, "prize_id": gold}], tickets_per_entry=3
    )
    commitment = (await club.page(lottery)).draw.commitment
    for number in range(1, 7):
        await club.enter(lottery, number, tickets=1 + number % 3)
    await club.settle()
    assert (await club.page(lottery)).draw.seed is None
    club.clock.turn(hours=10)
    with pytest.raises(LotteryNotOpen):
        await club.enter(lottery, 1)
    # Killed between the list and the draw, and between the draw and the prizes.
    for killed in ("draw_round", "award_some"):
        with monkeypatch.context() as patch:
            patch.setattr(drawing, killed, _die)
            await club.settle()
    await club.settle()
    page = await club.page(lottery)
    assert (page.state, page.draw.commitment, page.draw.state) == ("drawn", commitment, "drawn")
    wins = await club.wins(lottery)
    assert page.names == [f"ع… {win.member_id}…" for win in wins]
    assert len({win.member_id for win in wins}) == 4
    assert [win.state for win in wins] == ["awarded", "awarded", "gone", "none"]
    # Asked again, nothing changes.
    await club.settle()
    assert await club.page(lottery) == page
    async with club.database.writing(FIRST_PROGRAMME) as session:
        (here,) = await definitions.rounds_of(session, lottery)
        assert not await drawing.draw_round(session, here.id, [], club.clock())

    told, lines = page.model_dump_json(), await club.lines(lottery)
    assert len(lines) == sum(1 + number % 3 for number in range(1, 7))
    assert verify(tmp_path, "draw", told) == (0, "All right.\n")
    assert verify(tmp_path, "draw", told, "\n".join(lines)) == (0, "All right.\n")
    async with club.database.reading(FIRST_PROGRAMME) as session:
        proofs = (await member_view.proofs(session, lottery, 1, 5, -1)).model_dump_json()
    assert verify(tmp_path, "ticket", proofs, told)[0] == 0
    for false in (
        {"seed": "00" * 32},
        {"public_value": "1"},
        {"winners": list(reversed(json.loads(told)["draw"]["winners"]))},
    ):
        page_of_liar = json.loads(told)
        page_of_liar["draw"] |= false
        assert verify(tmp_path, "draw", json.dumps(page_of_liar), "\n".join(lines))[0] == 1, false
    assert verify(tmp_path, "draw", told, "\n".join(reversed(lines)))[0] == 1
    false_proofs = json.loads(proofs)
    false_proofs["proofs"][0]["entry"] = lines[0]
    false_proofs["proofs"][0]["ticket"] = lines[0].split(" ")[0]
    assert verify(tmp_path, "ticket", json.dumps(false_proofs), told)[0] == 1

    other = await club.prize(None)
    async with club.database.writing(FIRST_PROGRAMME) as session:
        await drawing.award_again(session, lottery, 1, 3, other)
    await club.settle()
    assert [(win.state, win.prize_id) for win in await club.wins(lottery)] == [
        ("awarded", gold),
        ("awarded", gold),
        ("awarded", other),
        ("none", None),
    ]


async def test_a_winner_is_told_once_with_the_prize(club: LotteryClub) -> None:
    async with club.database.writing(FIRST_PROGRAMME) as session:
        session.add_all(
            MemberIdentity(
                member_id=number,
                kind="mobile",
                is_unique=True,
                created_at=START,
                value_sealed=b"-",
                value_index=bytes([number]),
            )
            for number in (1, 2)
        )
    lottery = await club.lottery(
        winners=2, prizes=[{"from_rank": 1, "to_rank": 1, "prize_id": await club.prize(1)}]
    )
    for number in (1, 2):
        await club.enter(lottery, number)
    club.clock.turn(hours=10)
    await club.settle()
    first, second = await club.wins(lottery)
    async with club.database.reading(FIRST_PROGRAMME) as reading:
        rows = await reading.scalars(select(WaitingText))
        told = {row.member_id: (row.topic, str(row.text_plain).split("\n")) for row in rows}
    assert len(told) == 2
    topic, lines = told[first.member_id]
    assert (topic, lines[1]) == ("prize", "جایزهٔ شما: سکه")
    assert first.ticket in lines[0]
    assert told[second.member_id][0] == "lottery-won"
    async with club.database.reading(FIRST_PROGRAMME) as reading:
        assert await reading.scalar(select(func.count()).select_from(WaitingText)) == 2


async def _die(*_arguments: object) -> bool:
    raise SystemError


async def test_limits_are_of_the_day_in_tehran_and_in_all(club: LotteryClub) -> None:
    await store(club.database, [member(7, status="blocked")])
    lottery = await club.lottery(
        72,
        **POINTS | {"tickets_per_entry": 2, "entries_per_day": 2, "free_daily_tickets": 3},
        tickets_per_member=8,
        audience={"f": "tier", "op": "=", "v": "initial"},
    )
    with pytest.raises(LotteryNotForMember):
        await club.enter(lottery, 7)
    with pytest.raises(LotteryLimitReached):
        await club.enter(lottery, 1, 3)
    first, second = await club.enter(lottery, 1, 2), await club.enter(lottery, 1, 2)
    assert [(entry.free_tickets, entry.cost, entry.state) for entry in (first, second)] == [
        (2, 0, "valid"),
        (1, 50, "paying"),
    ]
    with pytest.raises(LotteryLimitReached):
        await club.enter(lottery, 1)
    # What can't be paid doesn't count, neither on the day nor in all.
    await club.outcome(f"entry {second.id}", RequestState.DECLINED)
    assert await club.states(lottery) == ["valid", "refused"]
    assert (await club.enter(lottery, 1, 2)).cost == 50
    # 12:30 in Tehran: twelve hours later it is another day.
    club.clock.turn(hours=12)
    again = await club.enter(lottery, 1, 2)
    assert (again.day.isoformat(), again.free_tickets) == ("2026-11-23", 2)
    await club.enter(lottery, 1, 2)
    club.clock.turn(hours=24)
    with pytest.raises(LotteryLimitReached):
        await club.enter(lottery, 1)
    async with club.database.reading(FIRST_PROGRAMME) as session:
        mine = await member_view.mine(session, lottery, 1, club.clock())
    assert (mine.tickets, mine.tickets_left, mine.entries_left_today, mine.may_enter) == (8, 0, 2, True)


async def test_a_draw_waits_for_payments_and_takes_none_that_is_known_too_late(club: LotteryClub) -> None:
    lottery = await club.lottery(**POINTS, winners=6)
    paid, doubtful, late = [await club.enter(lottery, number) for number in (1, 2, 3)]
    await club.outcome(f"entry {paid.id}", RequestState.APPROVED, "000000000001")
    await club.outcome(f"entry {doubtful.id}", RequestState.DOUBTFUL)
    club.clock.turn(hours=11)
    await club.settle()
    assert (await club.page(lottery)).draw.state == "listing"
    await club.outcome(f"entry {late.id}", RequestState.APPROVED, "000000000003")
    await club.settle()
    assert [win.member_id for win in sorted(await club.wins(lottery), key=lambda win: win.member_id)] == [
        1,
        3,
    ]
    # Reconciliation finds the doubtful one in the journal after all: the member gets the points back.
    await club.outcome(f"entry {doubtful.id}", RequestState.APPROVED, "000000000002")
    assert await club.states(lottery) == ["valid", "refunding", "valid"]
    back = (await club.requests())[-1]
    assert (back.kind, back.amount, back.tags["DF0E"], back.member_id) == ("return", 50, "000000000002", 2)
    await club.outcome(f"refund {doubtful.id}.1", RequestState.DECLINED)
    async with club.database.writing(FIRST_PROGRAMME) as session:
        await entering.refund_again(session, doubtful.id)
    await club.outcome(f"refund {doubtful.id}.2", RequestState.DOUBTFUL)
    assert await club.states(lottery) == ["valid", "refunding", "valid"]
    await club.outcome(f"refund {doubtful.id}.2", RequestState.APPROVED, "000000000009")
    assert await club.states(lottery) == ["valid", "refunded", "valid"]


async def test_what_is_cancelled_goes_back_and_what_is_drawn_stays(club: LotteryClub) -> None:
    lottery = await club.lottery(**POINTS, free_daily_tickets=1)
    paid, free, paying = (
        await club.enter(lottery, 1, 3),
        await club.enter(lottery, 2),
        await club.enter(lottery, 3, 2),
    )
    await club.outcome(f"entry {paid.id}", RequestState.APPROVED, "000000000001")
    await _cancel(club, lottery)
    await club.settle()
    assert await club.states(lottery) == ["refunding", "cancelled", "paying"]
    await club.outcome(f"entry {paying.id}", RequestState.APPROVED, "000000000003")
    await club.outcome(f"refund {paid.id}.1", RequestState.DECLINED)
    assert await club.states(lottery) == ["unrefunded", "cancelled", "refunding"]
    assert free.cost == 0
    # Asked once more, it is tried once more.
    await _cancel(club, lottery)
    await club.settle()
    requests = (await club.requests())[2:]
    returns = [(one.reference, one.amount, one.tags["DF0E"]) for one in requests]
    assert returns == [
        (f"refund {paid.id}.1", 100, "000000000001"),
        (f"refund {paying.id}.1", 50, "000000000003"),
        (f"refund {paid.id}.2", 100, "000000000001"),
    ]
    assert [one.state for one in await club.rounds(lottery)] == ["cancelled"]
    with pytest.raises(LotteryNotOpen):
        await club.enter(lottery, 4)
    drawn = await club.lottery(1)
    await club.enter(drawn, 1)
    club.clock.turn(hours=2)
    await club.settle()
    with pytest.raises(LotteryAlreadyDrawn):
        await _cancel(club, drawn)


async def _cancel(club: LotteryClub, lottery: int) -> None:
    async with club.database.writing(FIRST_PROGRAMME) as session:
        await definitions.cancel(
            session, lottery, LotteryCancel(reason="no prize"), club.caller, club.clock()
        )


async def test_daily_and_weighted_models(club: LotteryClub) -> None:
    # From 12:30 in Tehran for 30 hours: two days.
    daily = await club.lottery(30, model="daily", winners=2)
    await store(club.database, [member(8, tier="gold")])
    of_gold = [{"tier": "gold", "chances": 3}]
    weighted = await club.lottery(30, model="tier_weighted", tier_chances=of_gold, winners=9)
    assert [one.closes_at for one in await club.rounds(daily)] == [
        datetime(2026, 11, 22, 20, 30, tzinfo=UTC),
        START + timedelta(hours=30),
    ]
    for number in (1, 8):
        await club.enter(daily, number)
        await club.enter(weighted, number)
    club.clock.turn(hours=12)
    await club.enter(daily, 2)
    await club.settle()
    assert {win.member_id for win in await club.wins(daily)} == {1, 8}
    club.clock.turn(hours=20)
    await club.settle()
    assert [win.member_id for win in await club.wins(daily)][2:] == [2]
    assert (await club.page(daily, 1)).draw.commitment != (await club.page(daily)).draw.commitment
    # Three chances, and one win.
    assert len(await club.lines(weighted)) == 4
    assert sorted(win.member_id for win in await club.wins(weighted)) == [1, 8]
    assert [ticket.chances for ticket in await club.listed()][-2:] == [1, 3]
    async with club.database.writing(FIRST_PROGRAMME) as session:
        times = {"starts_at": club.clock(), "ends_at": club.clock() + timedelta(hours=1)}
        copied = await definitions.copy(
            session, club.cipher, weighted, LotteryCopy(**times), caller=club.caller, now=club.clock()
        )
        assert (copied.tier_chances, copied.model) == (of_gold, "tier_weighted")


async def test_a_second_person_enters_the_public_value(club: LotteryClub) -> None:
    lottery = await club.lottery(public_value_source="the day's index", winners=3)
    for number in (1, 2, 3):
        await club.enter(lottery, number)
    (here,) = await club.rounds(lottery)
    second = Caller(CallerKind.API_KEY, "second", "second", FIRST_PROGRAMME, frozenset())

    async def value(caller: Caller) -> None:
        async with club.database.writing(FIRST_PROGRAMME) as session:
            await draws.enter_public_value(session, here.draw_id, " 2187342.5 ", caller, club.clock())

    with pytest.raises(DrawTakesNoValue):
        await value(second)
    club.clock.turn(hours=10)
    await club.settle()
    page = (await club.page(lottery)).draw
    assert (page.state, page.entries, page.seed, page.winners) == ("listed", 3, None, [])
    with pytest.raises(OwnAct):
        await value(club.caller)
    await value(second)
    with pytest.raises(DrawTakesNoValue):
        await value(second)
    await club.settle()
    page = (await club.page(lottery)).draw
    assert (page.state, page.public_value, len(page.winners)) == ("drawn", "2187342.5", 3)


async def test_nobody_takes_part_and_nobody_wins(club: LotteryClub) -> None:
    lottery = await club.lottery()
    club.clock.turn(hours=10)
    await club.settle()
    page = await club.page(lottery)
    assert (page.state, page.draw.entries, page.draw.winners, page.names) == ("drawn", 0, [], [])


async def test_through_the_api(api: RunningApi) -> None:
    people = [(await post(api, "/v1/members", {"name": name}))["id"] for name in ("Sara Nik", "Reza")]
    wanted = {
        "title": "Yalda",
        "title_fa": "یلدا",
        "starts_at": "1404-01-01T00:00",
        "ends_at": "1450-01-01 00:00",
    }
    made = await post(api, "/v1/lotteries", wanted)
    assert (made["starts_at"], made["state"]) == ("2025-03-20T20:30:00Z", "open")
    path = f"/v1/lotteries/{made['id']}"
    entry = await post(api, f"{path}/entries", {"member_id": people[0]})
    assert (entry["state"], await get(api, f"/v1/lotteries/entries/{entry['id']}")) == ("valid", entry)
    again = await api.client.post(f"{path}/entries", json={"member_id": people[0]})
    assert problem(again) == (409, "lottery-limit-reached")
    page = await get(api, f"{path}/page")
    assert isinstance(page["draw"], dict)
    assert (page["draw"]["seed"], len(page["draw"]["commitment"])) == (None, 64)
    assert (await get(api, f"{path}/members/{people[0]}"))["tickets"] == 1
    assert problem(await api.client.get(f"{path}/rounds/1/list/0")) == (404, "draw-part-not-found")
    proofs = await get(api, f"{path}/rounds/1/members/{people[0]}/proofs")
    assert proofs == {"digest": None, "proofs": [], "next_after": None}
    changed = await api.client.patch(path, json={"title": "Night"}, headers={"If-Match": '"1"'})
    assert (changed.json()["title"], changed.headers["ETag"]) == ("Night", '"2"')
    exported = await get(api, "/v1/lotteries/entries", member_id=people[0])
    assert len(exported["items"]) == 1  # type: ignore[arg-type]
    gone = await post(api, f"{path}/cancellation", {"reason": "no prizes came"})
    assert (gone["state"], gone["cancel_reason"]) == ("cancelled", "no prizes came")
    for wrong in (
        {"price": 5},
        {"cost_mode": "points"},
        {"ends_at": "1403-01-01T00:00"},
        {"starts_at": "1404-13-01T00:00"},
        {"model": "tier_weighted"},
        {"prizes": [{"from_rank": 1, "to_rank": 2, "prize_id": 1}]},
        {"model": "daily", "ends_at": "1410-01-01T00:00"},
    ):
        assert problem(await api.client.post("/v1/lotteries", json=wanted | wrong))[0] == 422, wrong
    past = wanted | {"ends_at": "1404-01-02T00:00"}
    assert problem(await api.client.post("/v1/lotteries", json=past)) == (409, "lottery-ends-in-the-past")
    no_prize = wanted | {"prizes": [{"from_rank": 1, "to_rank": 1, "prize_id": 99}]}
    assert problem(await api.client.post("/v1/lotteries", json=no_prize))[0] == 404
