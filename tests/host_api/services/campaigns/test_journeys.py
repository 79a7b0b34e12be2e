"""Journeys: who enters and when, what each step does, once each; frequency, budget, kills and suspension."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from host_api.core.database import Database
from host_api.core.events.emission import Subject, emit
from host_api.core.events.models import Event
from host_api.core.events.publication import publish
from host_api.core.jalali import Calendar
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.campaigns import logic, steps
from host_api.services.campaigns.entering import is_day_of_year
from host_api.services.campaigns.journey import Variant
from host_api.services.campaigns.models import CampaignAct
from host_api.services.members.events import MEMBER_JOINED, MEMBER_SPECIAL_DAY, MemberJoined, MemberSpecialDay
from host_api.services.members.models import Member
from tests.host_api.eventually import eventually
from tests.host_api.services.campaigns.campaign_bench import MESSAGE, NOON, CampaignBench, bench_on
from tests.host_api.services.grouping.history import Journal, member, store

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
POINTS: dict[str, object] = {"kind": "points", "units": 500, "valid_days": 30}


@pytest.fixture
async def bench(database: Database, settings: Settings) -> CampaignBench:
    return await bench_on(database, settings)


async def _tell_day(bench: CampaignBench, member_id: int, day: date, kind: str = "birthday") -> None:
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        payload = MemberSpecialDay(member_id=member_id, kind=kind, day=day, calendar=Calendar.JALALI)
        emit(session, MEMBER_SPECIAL_DAY, Subject("member", member_id), payload)
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        await publish(session, 100)


async def test_a_journey_waits_looks_and_branches(bench: CampaignBench) -> None:
    await store(bench.database, [member(1), member(2), member(3, status="blocked"), member(4, tier="gold")])
    bought = {"f": "purchase_count", "op": ">=", "v": 1, "within": {"last_days": 3}}
    await bench.start(
        [
            MESSAGE,
            {"kind": "wait", "hours": 48},
            {"kind": "condition", "query": bought, "then": "end", "otherwise": "gift"},
            {**MESSAGE, "then": "end"},
            {"name": "gift", **POINTS},
        ],
        audience={"f": "tier", "op": "=", "v": "initial"},
    )
    assert await bench.run() == {"entered": 2, "advanced": 2, "left": 0}
    assert await bench.acts() == [(1, 0, "message"), (2, 0, "message")]
    bench.clock.turn(hours=47)
    assert (await bench.run())["advanced"] == 0
    journal = Journal()
    journal.sale(1, NOON + DAY, 1000)
    await store(bench.database, [], journal)
    bench.clock.turn(hours=1)
    assert (await bench.run())["advanced"] == 2
    assert (await bench.acts())[2:] == [(2, 4, "points")]
    assert await bench.entries() == {(1, 0): ("a", "done"), (2, 0): ("a", "done")}
    # Nothing is done twice, and nobody enters twice.
    bench.clock.turn(hours=1)
    assert await bench.run() == {"entered": 0, "advanced": 0, "left": 0}
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        asked = list(await session.scalars(select(LedgerRequest)))
    assert [(row.service, row.member_id, row.amount, row.purse) for row in asked] == [
        ("campaigns", 2, 500, 91)
    ]


async def test_birthdays_come_once_in_a_jalali_year(bench: CampaignBench) -> None:
    await store(bench.database, [member(1), member(2)])
    await bench.start([POINTS], trigger={"kind": "special_day"})
    await _tell_day(bench, 1, date(2026, 11, 22))
    await _tell_day(bench, 2, date(2026, 11, 22), kind="wedding_anniversary")
    assert (await bench.run())["entered"] == 1
    # The member corrects the birthday, which comes again in the same year.
    await _tell_day(bench, 1, date(2026, 12, 1))
    assert (await bench.run())["entered"] == 0
    # 29 Esfand 1405 is still that year, 1 Farvardin 1406 the next.
    await _tell_day(bench, 1, date(2027, 3, 20))
    await _tell_day(bench, 1, date(2027, 3, 21))
    assert (await bench.run())["entered"] == 1
    assert sorted(await bench.entries()) == [(1, 1405), (1, 1406)]


async def test_who_joins_enters_from_the_start_on(bench: CampaignBench) -> None:
    await store(bench.database, [member(1), member(2), member(3, tier="gold")])

    async def joins(*ids: int) -> None:
        async with bench.database.writing(FIRST_PROGRAMME) as session:
            for member_id in ids:
                payload = MemberJoined(member_id=member_id, tier="initial")
                emit(session, MEMBER_JOINED, Subject("member", member_id), payload)
        async with bench.database.writing(FIRST_PROGRAMME) as session:
            await publish(session, 100)

    await joins(1)
    await bench.start(
        [MESSAGE], trigger={"kind": "joining"}, audience={"f": "tier", "op": "=", "v": "initial"}
    )
    await joins(2, 3)
    await bench.run()
    assert sorted(await bench.entries()) == [(2, 0)]


async def test_who_stays_away_is_won_back_once_for_each_absence(bench: CampaignBench) -> None:
    journal = Journal()
    journal.sale(1, NOON - 60 * DAY, 1000)
    journal.sale(2, NOON - 59 * DAY, 1000)
    await store(bench.database, [member(1), member(2), member(3)], journal)
    await bench.start([POINTS], trigger={"kind": "win_back", "days": 60})
    await bench.run()
    assert list(await bench.entries()) == [(1, 20260923)]
    bench.clock.turn(days=1)
    await bench.run()
    await bench.run()
    assert sorted(await bench.entries()) == [(1, 20260923), (2, 20260924)]
    sale = Journal()
    sale.sale(1, NOON + 2 * DAY, 1000, position=50, rrn="000000000050")
    await store(bench.database, [], sale)
    bench.clock.turn(days=61)
    await bench.run()
    assert sorted(await bench.entries()) == [(1, 20260923), (1, 20261124), (2, 20260924)]


@pytest.mark.parametrize(
    ("day", "is_it"),
    [
        (date(2025, 3, 20), True),  # 30 Esfand 1403, a leap year
        (date(2025, 3, 19), False),
        (date(2026, 3, 20), True),  # 29 Esfand 1404, which has no 30th
        (date(2026, 3, 21), False),
    ],
)
def test_the_last_day_of_a_leap_year_is_kept_in_others_too(day: date, is_it: bool) -> None:
    assert is_day_of_year(day, "12-30") is is_it


async def test_a_day_of_the_year_comes_round_and_is_made_up_for(bench: CampaignBench) -> None:
    await store(bench.database, [member(number) for number in range(1, 4)])
    # 1 Azar 1405 is 22 November 2026.
    await bench.start([POINTS], trigger={"kind": "yearly", "day": "09-03"})
    await bench.run()
    assert await bench.entries() == {}
    bench.clock.turn(days=4)  # nothing ran on the 3rd
    await bench.run()
    await bench.run()
    assert sorted(await bench.entries()) == [(number, 1405) for number in range(1, 4)]
    bench.clock.turn(days=365)
    await bench.run()
    assert len(await bench.entries()) == 6


async def test_messages_keep_quiet_hours_and_the_caps_of_all_campaigns(bench: CampaignBench) -> None:
    await store(bench.database, [member(1)])
    bench.clock.now = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)  # 23:00 in Tehran
    for _ in range(4):
        await bench.start([MESSAGE])
    await bench.run()
    assert await bench.acts() == []
    sent: list[datetime] = []
    # Looked at just before and at each hour at which anything could be sent.
    for hours in (8, 1, *(15, 9) * 8):
        bench.clock.turn(hours=hours)
        before = len(await bench.acts())
        await bench.run()
        sent += [bench.clock.now] * (len(await bench.acts()) - before)
    tehran = [at + timedelta(hours=3, minutes=30) for at in sent]
    assert [at.day for at in tehran] == [23, 24, 25, 30]
    assert {at.hour for at in tehran} == {8}


async def test_what_runs_out_pauses_the_campaign_where_it_is(bench: CampaignBench) -> None:
    await store(bench.database, [member(1), member(2)])
    campaign = await bench.start([POINTS, {"kind": "code", "pool_id": 999}])
    await bench.run()
    assert await bench.state(campaign) == ("paused", "pool_empty")
    # What was done stays, what was not is not: the first has points and no code.
    assert await bench.acts() == [(1, 0, "points")]
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        await logic.resume(session, campaign)
    await bench.run()
    assert await bench.acts() == [(1, 0, "points")]
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        await logic.stop(session, campaign)
    assert (await bench.run())["left"] == 2
    assert {state for _, state in (await bench.entries()).values()} == {"left"}


async def test_a_run_whose_process_dies_is_finished_once(bench: CampaignBench) -> None:
    await store(bench.database, [member(number) for number in range(1, 181)])
    await bench.start([POINTS, MESSAGE], control_percent=10)
    run_id = await bench.runners.enqueue("campaigns")
    dying = bench.runners.new()
    await dying.tick()

    async def has_begun() -> bool:
        return len(await bench.acts()) >= 50

    await eventually(has_begun)
    await dying.stop()
    bench.clock.turn(minutes=10)
    await bench.runners.work_off(bench.runners.new())
    assert (await bench.runners.run(run_id)).state == "succeeded"
    entries = await bench.entries()
    treated = {member_id for (member_id, _), (arm, _) in entries.items() if arm == "a"}
    assert len(entries) == 180
    acts = await bench.acts()
    assert len(acts) == len(set(acts)) == 2 * len(treated)
    assert {member_id for member_id, _, _ in acts} == treated
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        asked = list(await session.scalars(select(LedgerRequest.member_id)))
    assert len(asked) == len(treated)
    assert set(asked) == treated


async def test_a_blocked_member_leaves_and_an_outcome_is_kept(bench: CampaignBench) -> None:
    await store(bench.database, [member(1), member(2)])
    await bench.start([POINTS, {"kind": "wait", "hours": 1}, MESSAGE])
    await bench.run()
    async with bench.database.writing(FIRST_PROGRAMME) as session:
        await session.execute(update(Member).where(Member.id == 2).values(status="blocked"))
        rows = list(await session.scalars(select(LedgerRequest).order_by(LedgerRequest.id)))
        for row, state in zip(rows, (RequestState.APPROVED, RequestState.DECLINED), strict=True):
            outcome = Outcome(
                row.id, row.service, row.reference, row.kind, state, 500, 91, 1, "00", "0" * 12, {}, {}
            )
            await steps.on_outcomes(session, [outcome])
    bench.clock.turn(hours=1)
    await bench.run()
    assert {key: state for key, (_, state) in (await bench.entries()).items()} == {
        (1, 0): "done",
        (2, 0): "left",
    }
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        states = list(
            await session.scalars(
                select(CampaignAct.state).where(CampaignAct.kind == "points").order_by(CampaignAct.member_id)
            )
        )
    assert states == ["done", "failed"]


@pytest.mark.parametrize(
    "spoilt",
    [
        [{**MESSAGE, "then": "nowhere"}],
        [{**MESSAGE, "name": "a"}, {**MESSAGE, "then": "a"}],  # back
        [{**MESSAGE, "name": "a", "then": "a"}],  # to itself
        [{**MESSAGE, "name": "a"}, {**MESSAGE, "name": "a"}],
        [{**MESSAGE, "name": "end"}],
        [],
    ],
    ids=["nowhere", "back", "itself", "twice", "end", "nothing"],
)
def test_a_journey_that_goes_in_circles_or_nowhere_is_refused(spoilt: list[dict[str, object]]) -> None:
    with pytest.raises(ValidationError):
        Variant.model_validate({"code": "a", "steps": spoilt})


async def _history(bench: CampaignBench, *, treated: int, control: int) -> int:
    """A campaign over 260 members in which each arm buys so much."""
    await store(bench.database, [member(number) for number in range(1, 261)])
    campaign = await bench.start(
        [POINTS],
        control_percent=50,
        unit_cost=10,
        margin_percent=10,
        measure_days=10,
        suspend_after_days=5,
    )
    await bench.run()
    journal = Journal()
    for (member_id, _), (arm, _) in sorted((await bench.entries()).items()):
        amount = control if arm == "control" else treated
        journal.sale(member_id, NOON + DAY, amount + member_id % 7)
        journal.sale(member_id, NOON + 11 * DAY, 10**9)  # behind the measured days
    await store(bench.database, [], journal)
    return campaign


async def test_a_campaign_that_pays_goes_on_and_tells_by_how_much(bench: CampaignBench) -> None:
    campaign = await _history(bench, treated=200_000, control=100_000)
    bench.clock.turn(days=6)
    found = await bench.measure(campaign)
    arms = {arm.arm: arm for arm in found.arms}
    members = arms["a"].members
    assert members + arms["control"].members == 260
    (whole,) = found.differences
    assert whole.verdict == "higher"
    assert 99_990 < whole.per_member_low <= whole.per_member <= whole.per_member_high < 100_010
    assert whole.cost == arms["a"].cost == members * 500 * 10
    assert whole.net == whole.benefit - whole.cost > 0
    assert await bench.state(campaign) == ("running", None)
    bench.clock.turn(days=10)
    again = await bench.measure(campaign)
    # The late purchases lie behind each member's days.
    assert again.differences[0].per_member == whole.per_member


async def test_a_campaign_that_does_not_pay_is_suspended_and_told_of(bench: CampaignBench) -> None:
    campaign = await _history(bench, treated=100_000, control=100_000)
    bench.clock.turn(days=2)
    assert (await bench.measure(campaign)).differences[0].verdict == "not_shown"
    assert await bench.state(campaign) == ("running", None)  # it has some days to show itself
    bench.clock.turn(days=4)
    await bench.measure(campaign)
    await bench.measure(campaign)
    assert await bench.state(campaign) == ("suspended", None)
    async with bench.database.reading(FIRST_PROGRAMME) as session:
        events = list(await session.scalars(select(Event).where(Event.type == "campaign.suspended")))
    assert [event.payload["campaign_id"] for event in events] == [campaign]
