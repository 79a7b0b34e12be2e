"""The job of each day that tells of the special days."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Final

from sqlalchemy import delete, select

from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.jalali import Calendar
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.core.tehran_time import tehran_date
from host_api.services.members.events import MEMBER_SPECIAL_DAY, MemberSpecialDay
from host_api.services.members.models import Member
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.special_days.models import (
    DAY,
    SpecialDay,
    SpecialDayMark,
    SpecialDayTold,
)
from host_api.services.members.special_days.recurrence import recurrences_on

# Days that passed while nothing ran are made up for, but a greeting of last month is worth nothing.
_DAYS_MADE_UP: Final = 7
_KEEP_TOLD: Final = timedelta(days=60)
_BATCH: Final = 500
_ONE_DAY: Final = timedelta(days=1)


async def _run(running: RunningJob) -> JsonObject:
    today = tehran_date(running.now())
    async with running.reading() as session:
        mark: SpecialDayMark | None = await session.scalar(select(SpecialDayMark))
    first = today if mark is None else max(mark.told_on + _ONE_DAY, today - _DAYS_MADE_UP * _ONE_DAY)
    day = first
    while day <= today:
        await _tell_day(running, day)
        day += _ONE_DAY
    async with running.step() as session:
        await session.execute(
            delete(SpecialDayTold)
            .where(SpecialDayTold.day < today - _KEEP_TOLD)
            .execution_options(synchronize_session=False)
        )
    return {"told": running.done}


async def _tell_day(running: RunningJob, day: date) -> None:
    indexes = {
        index: calendar
        for calendar, recurrences in recurrences_on(day).items()
        for text in recurrences
        for index in running.cipher.indexes(running.programme_id, DAY.name, text)
    }
    if running.checkpoint.get("day") != day.isoformat():
        running.checkpoint = {"day": day.isoformat(), "after_id": 0}
    while True:
        async with running.step() as session:
            after_id = int(str(running.checkpoint["after_id"]))
            last_id = await _tell(running, session, day, indexes, after_id)
            if last_id is None:
                await _move_mark(session, day)
                return
            running.checkpoint = {"day": day.isoformat(), "after_id": last_id}


async def _tell(
    running: RunningJob,
    session: WriteSession,
    day: date,
    indexes: Mapping[bytes, Calendar],
    after_id: int,
) -> int | None:
    """Tell of the next few; the id of the last, None where there are no more."""
    found = (
        await session.execute(
            select(SpecialDay.id, SpecialDay.member_id, SpecialDay.kind, SpecialDay.day_index)
            .join(Member, Member.id == SpecialDay.member_id)
            .where(
                SpecialDay.day_index.in_(list(indexes)),
                SpecialDay.id > after_id,
                Member.status == MemberStatus.ACTIVE.value,
            )
            .order_by(SpecialDay.id)
            .limit(_BATCH)
        )
    ).all()
    if not found:
        return None
    told = {
        (member_id, kind)
        for member_id, kind in await session.execute(
            select(SpecialDayTold.member_id, SpecialDayTold.kind).where(
                SpecialDayTold.day == day, SpecialDayTold.member_id.in_([row.member_id for row in found])
            )
        )
    }
    for _, member_id, kind, index in found:
        if (member_id, kind) in told:
            continue
        session.add(SpecialDayTold(day=day, member_id=member_id, kind=kind))
        payload = MemberSpecialDay(member_id=member_id, kind=kind, day=day, calendar=indexes[index or b""])
        emit(session, MEMBER_SPECIAL_DAY, Subject("member", member_id), payload)
        running.done += 1
    return int(found[-1].id)


async def _move_mark(session: WriteSession, day: date) -> None:
    mark: SpecialDayMark | None = await session.scalar(select(SpecialDayMark))
    if mark is None:
        session.add(SpecialDayMark(told_on=day))
    else:
        mark.told_on = max(mark.told_on, day)


TELL_SPECIAL_DAYS: Final = Job(
    "special-days",
    "Tell of members' special days",
    "خبر روزهای ویژهٔ عضوها",
    _run,
    schedule=DailyAt(time(0, 5)),
    is_on_demand=True,
    timeout=timedelta(hours=1),
)
