"""Achievements of purchases: levels, prizes that run out, streaks with late purchases, the night's job."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.audit import audit_as
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.events.models import Event
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.achievements import evaluation, logic
from host_api.services.achievements.evaluation_job import EVALUATE_ACHIEVEMENTS, EVALUATION
from host_api.services.achievements.models import AchievementAward
from host_api.services.achievements.schemas import AchievementCreate
from host_api.services.prizes import logic as prizes
from host_api.services.prizes.schemas import PrizeCreate
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.services.grouping.history import Journal, member, store

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
CALLER = system_caller("test", FIRST_PROGRAMME)
WORDS = {"title": "t", "title_fa": "ت", "text": "t", "text_fa": "ت"}
Award = tuple[int, int, str, str]


async def _add(database: Database, code: str, *levels: tuple[int, int | None], **values: object) -> None:
    wanted = {
        "code": code,
        **WORDS,
        "measure": "count",
        "window": "lifetime",
        "starts_at": utc_now() - 100 * DAY,
        "levels": [
            {"at_least": mark, "title": "l", "title_fa": "پ", "prize_id": prize} for mark, prize in levels
        ],
    }
    async with database.writing(FIRST_PROGRAMME) as session:
        await logic.create(session, AchievementCreate.model_validate(wanted | values))


async def _settle(database: Database, *ids: int, now: datetime | None = None) -> int:
    async with database.writing(FIRST_PROGRAMME) as session:
        return len(await evaluation.settle(session, ids, now or utc_now(), CALLER))


async def _awards(database: Database) -> list[Award]:
    async with database.reading(FIRST_PROGRAMME) as session:
        rows = await session.scalars(select(AchievementAward).order_by(AchievementAward.id))
        return [(row.member_id, row.level, row.period, row.prize) for row in rows]


async def test_what_counts_and_what_the_last_prize_does(database: Database) -> None:
    now = utc_now()
    journal = Journal()
    for shop in ("SHOP01", "SHOP02", "SHOP02"):
        journal.sale(1, now - DAY, 5000, merchant_id=shop)
        journal.sale(2, now - DAY, 5000)
    journal.sale(2, now - 200 * DAY, 5000)  # before the beginning
    journal.sale(3, now - DAY, 5000, response_code="51")
    journal.sale(3, now - DAY, 5000, reversed_by_rrn="000000000099")
    journal.sale(3, now - DAY, 5000, returned_amount=5000)
    blocked = member(4, status="blocked")
    for _ in range(3):
        journal.sale(4, now - DAY, 5000)
    await store(database, [*(member(number) for number in (1, 2, 3)), blocked], journal)
    async with database.writing(FIRST_PROGRAMME) as session:
        thing = PrizeCreate.model_validate({"kind": "thing", "title": "Mug", "title_fa": "لیوان", "stock": 1})
        prize = (await prizes.create(session, thing)).id
    await _add(database, "three", (3, prize))
    await _add(database, "shops", (2, None), measure="distinct", distinct_by="merchant")
    await _add(
        database, "sum", (15_000, None), (15_001, None), measure="sum", window="rolling", window_days=7
    )
    assert await _settle(database, 1, 2, 3, 4) == 5
    assert await _awards(database) == [
        (1, 1, "all", "given"),
        (2, 1, "all", "gone"),
        (1, 1, "all", "none"),
        (1, 1, "all", "none"),
        (2, 1, "all", "none"),
    ]
    assert await _settle(database, 1, 2, 3, 4) == 0
    async with database.writing(FIRST_PROGRAMME) as session:
        audit_as(session, system_caller("counter", FIRST_PROGRAMME))
        await prizes.restock(session, prize, 5)
        progress = await logic.progress(session, 3)
    assert [(entry.value, entry.level, entry.next_at_least) for entry in progress.achievements] == [
        (0, 0, 3),
        (0, 0, 2),
        (0, 0, 15_000),
    ]
    # What was not there is given later, once.
    assert [await _settle(database, 2) for _ in range(2)] == [0, 0]
    assert (await _awards(database))[1] == (2, 1, "all", "given")
    async with database.reading(FIRST_PROGRAMME) as session:
        assert (await prizes.find(session, prize)).stock == 4
        told = list(await session.scalars(select(Event).where(Event.type == "achievement.reached")))
    assert len(told) == 5


async def test_a_streak_is_rewarded_once_whatever_comes_late(database: Database) -> None:
    now = utc_now()
    journal = Journal()
    for days in (9, 8, 7):
        journal.sale(1, now - days * DAY, 1000)
    await store(database, [member(1)], journal)
    values = {"measure": "streak", "window": "day", "is_repeated": True}
    await _add(database, "days", (3, None), **values)
    assert await _settle(database, 1) == 1
    # A purchase that was stored elsewhere comes before the others: the same streak begins a day earlier.
    late = Journal(rows=[*journal.rows])
    late.sale(1, now - 10 * DAY, 1000)
    late.rows = late.rows[-1:]
    await store(database, [], late)
    assert await _settle(database, 1) == 0
    new = Journal(rows=[*journal.rows, *late.rows])
    for days in (2, 1, 0):
        new.sale(1, now - days * DAY, 1000)
    new.rows = new.rows[-3:]
    await store(database, [], new)
    assert await _settle(database, 1) == 1
    assert len({period for _, _, period, _ in await _awards(database)}) == 2
    async with database.reading(FIRST_PROGRAMME) as session:
        (entry,) = (await logic.progress(session, 1)).achievements
    assert (entry.value, entry.level, entry.next_at_least, len(entry.awards)) == (3, 1, None, 2)


async def test_the_night_looks_at_all_members_and_goes_on_where_it_was(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host_api.services.achievements.evaluation_job.MEMBERS_AT_ONCE", 2)
    journal = Journal()
    runners = Runners(await tools_on(database, settings), EVALUATION)
    for number in (1, 2, 4, 5):
        journal.sale(number, runners.clock() - DAY, 1000)
    await store(database, [member(number) for number in range(1, 6)], journal)
    await _add(database, "once", (1, None), starts_at=runners.clock() - 5 * DAY)
    run = await runners.enqueue(EVALUATE_ACHIEVEMENTS)
    await runners.work_off(runners.new())
    assert (await runners.run(run)).outcome == {
        "evaluated": 5, "awarded": 4, "at": runners.clock().isoformat(),
    }  # fmt: skip
    again = await runners.enqueue(EVALUATE_ACHIEVEMENTS)
    await runners.work_off(runners.new())
    assert (await runners.run(again)).outcome == {
        "evaluated": 5, "awarded": 0, "at": runners.clock().isoformat(),
    }  # fmt: skip
    assert [award[0] for award in await _awards(database)] == [1, 2, 4, 5]
