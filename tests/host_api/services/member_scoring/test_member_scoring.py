"""Scores: figures and bands by hand, pages that may be done again, and publication once for each member."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from host_api.core.access.caller import Caller, CallerKind, system_caller
from host_api.core.audit import audit_as
from host_api.core.database import Database
from host_api.core.ledger.outcomes import outcome_of
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.second_person import OwnAct
from host_api.core.settings import Settings
from host_api.services.groups import logic as groups
from host_api.services.groups.models import GroupMember
from host_api.services.groups.schemas import GroupCreate
from host_api.services.member_scoring import logic, publishing, runs
from host_api.services.member_scoring.content import ScoringContent, ScoringIndicator
from host_api.services.member_scoring.job import JOB
from host_api.services.member_scoring.models import ScoredMember, ScoringRun
from host_api.services.member_scoring.problems import (
    AwardCapExceeded,
    BandGroupUnfit,
    RunInOtherState,
    RunUnderWay,
)
from host_api.services.member_scoring.schemas import ScoringModelWrite, ScoringTrial
from host_api.services.member_scoring.weighing import figure_of
from host_api.services.members.models import Member
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.services.grouping.history import Journal, member, store

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ASKER = system_caller("asker", FIRST_PROGRAMME)
SECOND = Caller(CallerKind.API_KEY, "second", "second", FIRST_PROGRAMME, frozenset({"*"}))
MEMBERS = 30
STEPS = [{"from": 1000, "figure": 300}, {"from": 4000, "figure": 1000}]
TEXTS = {"text": "You are one of our best", "text_fa": "شما از بهترین‌های ما هستید"}
CONTENT: dict[str, object] = {
    "days": 30,
    "indicators": [
        {"kind": "last_purchase_days", "weight": 1, "none": 40, "full": 0},
        {"kind": "purchase_count", "weight": 2, "full": 6},
        {"kind": "purchase_amount", "weight": 3, "steps": STEPS},
        {"kind": "average_purchase", "weight": 1, "none": 100, "full": 2000},
        {"kind": "referrals", "weight": 4, "full": 2},
        {"kind": "member_days", "weight": 1, "full": 1000},
    ],
    "bands": [
        {"code": "COLD", "title": "c", "title_fa": "c", "from": 0},
        {"code": "WARM", "title": "w", "title_fa": "w", "from": 200, "award_units": 10},
        {"code": "HOT", "title": "h", "title_fa": "h", "from": 500, "award_units": 50} | TEXTS,
    ],
    "award_cap": 100_000,
}


def test_figures() -> None:
    def figure(value: int | None, **values: object) -> int:
        wanted = {"kind": "purchase_count", "weight": 1, **values}
        return figure_of(ScoringIndicator.model_validate(wanted), value)

    assert [figure(value, full=3) for value in (0, 1, 2, 3, 9)] == [0, 333, 666, 1000, 1000]
    assert [figure(value, none=90, full=10) for value in (100, 90, 50, 10, 0)] == [0, 0, 500, 1000, 1000]
    steps = [{"from": 2, "figure": 700}, {"from": 5, "figure": 200}]
    assert [figure(value, steps=steps) for value in (1, 2, 4, 5)] == [0, 700, 700, 700]
    assert figure(None, full=1) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"bands": [{"code": "A", "title": "a", "title_fa": "a", "from": 1}]},
        {"award_cap": 0},
        {"indicators": [{"kind": "reviews", "weight": 1}]},
        {"indicators": [{"kind": "reviews", "weight": 1, "full": 0}]},
        {"indicators": [{"kind": "reviews", "weight": 1, "full": 2}] * 2},
    ],
)
def test_models_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ScoringContent.model_validate(CONTENT | wrong)


class Club:
    """A club whose members have bought, and a model of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.model_id = 0

    async def live(self) -> dict[int, list[int | None]]:
        """What each active member did, read plainly."""
        chosen, journal = random.Random(3), Journal()
        sums: dict[int, list[int]] = {number: [] for number in range(1, MEMBERS + 1)}
        last: dict[int, int] = {}
        for _ in range(120):
            number, days = chosen.randint(1, MEMBERS), chosen.randint(0, 60)
            amount = chosen.randint(1, 3000)
            journal.sale(number, NOW - timedelta(days=days, minutes=1), amount)
            last[number] = min(days, last.get(number, days))
            if days < 30:
                sums[number].append(amount)
        journal.sale(1, NOW + timedelta(days=1), 10**6)
        people = [member(number, joined=NOW - timedelta(days=number * 40)) for number in sums]
        people[4].status = "blocked"
        people.append(member(100, joined=NOW - timedelta(days=2), introducer=7, status="active"))
        people.append(member(101, joined=NOW - timedelta(days=50), introducer=7))
        await store(self.database, people, journal)
        sums |= {100: [], 101: []}
        joined = {number: number * 40 for number in range(1, MEMBERS + 1)} | {100: 2, 101: 50}
        return {
            number: [
                last.get(number),
                len(bought),
                sum(bought),
                sum(bought) // len(bought) if bought else None,
                int(number == 7),
                joined[number],
            ]
            for number, bought in sums.items()
            if number != 5
        }

    async def model(self, **changes: object) -> None:
        wanted = ScoringModelWrite.model_validate(
            {"title": "m", "title_fa": "م", "content": CONTENT | changes}
        )
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, ASKER)
            self.model_id = (await logic.create(session, wanted, ASKER, NOW)).id

    async def group(self) -> int:
        wanted = {"code": "HOT", "title": "h", "title_fa": "h", "kind": "static"}
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, ASKER)
            return (await groups.create(session, GroupCreate.model_validate(wanted))).id

    async def block(self, member_id: int) -> None:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, ASKER)
            (await session.get_one(Member, (FIRST_PROGRAMME, member_id))).status = "blocked"

    async def answer(self) -> list[int]:
        """Have the switch refuse the first award and take all others; whose they were."""
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, ASKER)
            asked = (await session.scalars(select(LedgerRequest).order_by(LedgerRequest.id))).all()
            for number, row in enumerate(asked):
                row.state = (RequestState.APPROVED if number else RequestState.DECLINED).value
                await publishing.on_outcome(session, outcome_of(row))
            return sorted(row.member_id or 0 for row in asked)

    async def run(self) -> int:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, ASKER)
            return (await runs.ask(session, self.model_id, ASKER, NOW)).id

    async def publish(self, run_id: int, caller: Caller = SECOND) -> None:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, caller)
            await publishing.begin(session, run_id, caller, NOW)

    async def rows(self, run_id: int) -> dict[int, ScoredMember]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            found = await session.scalars(select(ScoredMember).where(ScoredMember.run_id == run_id))
            return {row.member_id: row for row in found}

    async def state(self, run_id: int) -> ScoringRun:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return await session.get_one(ScoringRun, run_id)


async def test_all_are_scored_and_published_once_by_a_second_person(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MEMBERS_AT_ONCE", 7)
    monkeypatch.setattr(publishing, "AT_ONCE", 4)
    club = Club(database)
    plain = await club.live()
    bands = [dict(band) for band in CONTENT["bands"]]  # type: ignore[attr-defined]
    bands[1]["group_id"] = await club.group()
    await club.model(bands=bands)
    runners = Runners(await tools_on(database, settings), JOB)
    runners.clock.now = NOW
    run_id = await club.run()
    with pytest.raises(RunUnderWay):
        await club.run()
    with pytest.raises(RunInOtherState):
        await club.publish(run_id)
    # A process that dies after two pages; another goes on.
    for _ in range(2):
        async with database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, ASKER)
            assert await runs.score_page(session, run_id) == 7
    await runners.work_off(runners.new())
    run, rows = await club.state(run_id), await club.rows(run_id)
    assert run.state == "scored"
    assert {number: row.measured for number, row in rows.items()} == plain
    assert run.members == len(plain) == sum(run.by_band.values())
    assert len(run.by_band) == 3
    assert run.award_units == sum(row.award_units for row in rows.values())
    await _explains_itself(club, run_id)
    with pytest.raises(OwnAct):
        await club.publish(run_id, ASKER)
    await club.publish(run_id)
    blocked = next(number for number, row in rows.items() if row.band == "WARM")
    await club.block(blocked)
    await runners.work_off(runners.new())
    await runners.enqueue(JOB.name)
    await runners.work_off(runners.new())
    assert (await club.state(run_id)).state == "done"
    due = {number for number, row in rows.items() if row.award_units} - {blocked}
    async with database.reading(FIRST_PROGRAMME) as session:
        inside = set(await session.scalars(select(GroupMember.member_id)))
    assert inside == {number for number in due if rows[number].band == "WARM"}
    assert await club.answer() == sorted(due)
    states = [row.award_state for row in (await club.rows(run_id)).values() if row.award_units]
    assert sorted(set(states)) == ["paid", "refused"]
    assert states.count("refused") == 2
    # Nobody has risen since.
    again = await club.run()
    await runners.work_off(runners.new())
    assert (await club.state(again)).award_units == 0
    await club.publish(again)
    await runners.work_off(runners.new())
    async with database.reading(FIRST_PROGRAMME) as session:
        assert await session.scalar(select(func.count(LedgerRequest.id))) == len(due)


async def _explains_itself(club: Club, run_id: int) -> None:
    """A trial at the same moment says what the run does, and the parts make the whole."""
    async with club.database.reading(FIRST_PROGRAMME) as session:
        tried = await logic.try_on(session, club.model_id, ScoringTrial(member_ids=[7, 9, 999]), NOW)
        told = await runs.explain(session, run_id, 7)
    assert (tried.members[0], tried.unknown) == (told, [999])
    assert abs(sum(line.share for line in told.indicators) - told.score) <= len(told.indicators)


async def test_what_is_too_much_is_not_published_and_old_runs_are_cleared(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEPT_RUNS", 2)
    club = Club(database)
    await store(database, [member(number) for number in range(1, 4)])
    bands = [{"code": "ALL", "title": "a", "title_fa": "a", "from": 0, "award_units": 40}]
    with pytest.raises(BandGroupUnfit):
        await club.model(bands=[bands[0] | {"group_id": 77}])
    await club.model(bands=bands, award_cap=119)
    runners = Runners(await tools_on(database, settings), JOB)
    runners.clock.now = NOW
    run_id = await club.run()
    await runners.work_off(runners.new())
    with pytest.raises(AwardCapExceeded):
        await club.publish(run_id)
    async with database.writing(FIRST_PROGRAMME) as session:
        assert (await runs.drop(session, run_id, NOW)).state == "dropped"
    await club.model(bands=[bands[0] | {"award_units": 0}], award_cap=0)
    done = []
    for _ in range(3):
        done.append(await club.run())
        await runners.work_off(runners.new())
        await club.publish(done[-1])
        await runners.work_off(runners.new())
    assert [len(await club.rows(run_id)) for run_id in done] == [0, 3, 3]
