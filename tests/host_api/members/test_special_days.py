"""Special days come round in their calendar, and each is told once, whatever happens to the job."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from host_api.core.database import Database, WriteSession
from host_api.core.events.models import Event
from host_api.core.jalali import FIRST_DATE, Calendar, jalali_to_date
from host_api.core.jobs.running import RunningJob
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.members import changes, logic
from host_api.services.members.schemas import MemberCreate, MemberStatus
from host_api.services.members.special_days import job as special_days_job
from host_api.services.members.special_days.job import TELL_SPECIAL_DAYS
from host_api.services.members.special_days.recurrence import (
    read_written,
    recurrence,
    recurrences_on,
    written,
)
from host_api.services.members.special_days.schemas import SpecialDayWrite
from tests.host_api.api_calls import get, post
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

DAYS = st.dates(FIRST_DATE, date(2099, 12, 31))


@given(DAYS, st.sampled_from(Calendar))
def test_a_day_is_kept_once_in_each_year_of_its_calendar(day: date, calendar: Calendar) -> None:
    text = written(day, calendar)
    assert read_written(text) == (day, calendar)
    # Within any 366 days a day of the year comes once, or twice where a year is short.
    start = date(2024, 1, 1)
    kept = [
        start + timedelta(days=number)
        for number in range(366)
        if recurrence(text) in recurrences_on(start + timedelta(days=number))[calendar]
    ]
    assert 1 <= len(kept) <= 2
    assert len(kept) == 1 or (kept[1] - kept[0]).days == 365


def test_the_last_day_of_a_leap_year_is_kept_in_every_year() -> None:
    born = written(jalali_to_date(1370, 12, 30), Calendar.JALALI)
    for year, day in ((1403, 30), (1404, 29), (1405, 29), (1408, 30)):
        (kept,) = [
            number
            for number in range(20, 31)
            if not (number == 30 and year not in (1403, 1408))
            and recurrence(born) in recurrences_on(jalali_to_date(year, 12, number))[Calendar.JALALI]
        ]
        assert kept == day, year
    leap_day = recurrence(written(date(2000, 2, 29), Calendar.GREGORIAN))
    assert leap_day in recurrences_on(date(2027, 2, 28))[Calendar.GREGORIAN]
    assert leap_day not in recurrences_on(date(2028, 2, 28))[Calendar.GREGORIAN]
    assert leap_day in recurrences_on(date(2028, 2, 29))[Calendar.GREGORIAN]


class _Days:
    """Members with days, and the job that tells of them."""

    def __init__(self, runners: Runners) -> None:
        self.runners = runners
        self.cipher = runners.tools.vault.cipher

    async def member(self, born: date | None = None, **days: SpecialDayWrite) -> int:
        async with self.runners.database.writing(FIRST_PROGRAMME) as session:
            wanted = MemberCreate(name="n", birth_date=born)
            member = (await logic.create(session, self.cipher, wanted)).id
            for kind, day in days.items():
                await changes.put_special_day(session, self.cipher, member, kind, day)
        return member

    async def work(self, at: datetime) -> None:
        self.runners.clock.now = at
        await self.runners.enqueue(TELL_SPECIAL_DAYS.name)
        await self.runners.work_off(self.runners.new())

    async def told(self) -> list[tuple[object, object, object]]:
        async with self.runners.database.reading(FIRST_PROGRAMME) as session:
            told = await session.scalars(
                select(Event.payload).where(Event.type == "member.special_day").order_by(Event.id)
            )
            return [(payload["member_id"], payload["kind"], payload["day"]) for payload in told]


@pytest.fixture
async def days(database: Database, settings: Settings) -> _Days:
    return _Days(Runners(await tools_on(database, settings), TELL_SPECIAL_DAYS))


async def test_the_day_is_tehrans_and_missed_days_are_made_up_for(days: _Days) -> None:
    born = await days.member(jalali_to_date(1370, 12, 30))
    wed = await days.member(
        wedding_anniversary=SpecialDayWrite(day=date(2010, 3, 20), calendar=Calendar.GREGORIAN)
    )
    blocked = await days.member(jalali_to_date(1380, 12, 29))
    async with days.runners.database.writing(FIRST_PROGRAMME) as session:
        await changes.set_status(session, blocked, MemberStatus.BLOCKED, "r")
    # 29 Esfand 1405, the last day of a year without a 30th, is 20 March 2027.
    await days.work(datetime(2027, 3, 19, 20, 0, tzinfo=UTC))  # 23:30 in Tehran on the 19th
    assert await days.told() == []
    await days.work(datetime(2027, 3, 22, 20, 0, tzinfo=UTC))
    expected = [(born, "birthday", "2027-03-20"), (wed, "wedding_anniversary", "2027-03-20")]
    assert await days.told() == expected
    await days.work(datetime(2027, 3, 22, 20, 1, tzinfo=UTC))
    assert await days.told() == expected
    await days.work(datetime(2028, 3, 18, 22, 0, tzinfo=UTC))  # 29 Esfand 1406: a week is made up for
    assert (await days.told())[2:] == [(born, "birthday", "2028-03-19")]


async def test_killed_between_and_within_steps_each_is_told_once(
    days: _Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(special_days_job, "_BATCH", 3)
    members = [await days.member(jalali_to_date(1360 + number, 1, 1)) for number in range(7)]
    step, count = RunningJob.step, Counter[str]()

    @asynccontextmanager
    async def cut(running: RunningJob) -> AsyncIterator[WriteSession]:
        count["steps"] += 1
        if count["steps"] % 3 == 1:
            raise ZeroDivisionError
        async with step(running) as session:
            yield session
            if count["steps"] % 3 == 0:
                raise ZeroDivisionError

    monkeypatch.setattr(RunningJob, "step", cut)
    days.runners.clock.now = datetime(2027, 3, 21, 12, tzinfo=UTC)  # 1 Farvardin 1406
    for _ in range(8):
        await days.runners.enqueue(TELL_SPECIAL_DAYS.name)
        await days.runners.work_off(days.runners.new())
        days.runners.clock.turn(minutes=10)
    monkeypatch.undo()
    await days.work(days.runners.clock.now)
    assert count["steps"] > 8
    assert sorted(await days.told()) == [(member, "birthday", "2027-03-21") for member in members]


async def test_a_day_is_set_read_and_forgotten(api: RunningApi) -> None:
    member = (await post(api, "/v1/members", {"name": "n", "birth_date": "1370/12/30"}))["id"]
    path = f"/v1/members/{member}/special-days"
    for kind, body in (
        ("wedding_anniversary", {"day": "۱۳۹۰/۰۱/۰۵"}),
        ("birthday", {"day": "1992-02-29", "calendar": "gregorian"}),
        ("shop_opened", {"day": "2020-01-02", "calendar": "gregorian"}),
    ):
        assert (await api.client.put(f"{path}/{kind}", json=body)).status_code == 200
    assert (await api.client.get(path)).json() == [
        {"kind": "birthday", "day": "1992-02-29", "calendar": "gregorian"},
        {"kind": "shop_opened", "day": "2020-01-02", "calendar": "gregorian"},
        {"kind": "wedding_anniversary", "day": "2011-03-25", "calendar": "jalali"},
    ]
    assert (await get(api, f"/v1/members/{member}"))["birth_date"] == "1992-02-29"
    assert (await api.client.delete(f"{path}/birthday")).status_code == 204
    assert (await get(api, f"/v1/members/{member}"))["birth_date"] is None
    gone = await api.client.delete(f"{path}/birthday")
    assert problem(gone) == (404, "special-day-not-found")
    for wrong in ("1404/12/30", "2023-02-29", 5):
        assert (await api.client.put(f"{path}/birthday", json={"day": wrong})).status_code == 422
    for number in range(18):
        answer = await api.client.put(f"{path}/own-{number}", json={"day": "2020-01-02"})
        assert answer.status_code == 200
    full = await api.client.put(f"{path}/one-more", json={"day": "2020-01-02"})
    assert problem(full) == (409, "too-many-special-days")
