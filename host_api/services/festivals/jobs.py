"""The job that counts leaderboards, settles awards and gives their prizes; every minute, and on demand."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.jobs import run_store
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.core.tehran_time import UtcPeriod
from host_api.services.draws import logic as draws
from host_api.services.draws.models import DrawState
from host_api.services.festivals import awards, counting, definitions, settlement
from host_api.services.festivals.award_schemas import FestivalAwardState
from host_api.services.festivals.counting import Position
from host_api.services.festivals.models import Festival, FestivalAward, FestivalBoard

SETTLE_FESTIVALS: Final = "settle-festivals"

_BOARDS_AT_ONCE: Final = 100


def settle_soon(session: WriteSession, caller: Caller) -> None:
    """Have the job look once the transaction is committed."""
    run_store.enqueue(session, SETTLE_FESTIVALS, {}, caller, now=utc_now())


async def _run(running: RunningJob) -> JsonObject:
    async with running.reading() as session:
        planned = await awards.in_state(session, FestivalAwardState.PLANNED)
    for award in planned:
        if awards.is_due(award, running.now()):
            async with running.step() as session:
                await settlement.close(session, award.id, running.now())
    settled = 0
    async with running.reading() as session:
        closed = await awards.in_state(session, FestivalAwardState.CLOSED)
    for award in closed:
        settled += await settle(running, award)
    async with running.reading() as session:
        won = await awards.in_state(session, FestivalAwardState.WON)
    for award in won:
        await give(running, award)
    async with running.reading() as session:
        due = await _due_boards(session, running.now())
    for festival_id in due:
        await _refresh(running, festival_id)
    return {"settled": settled, "boards": len(due)}


async def settle(running: RunningJob, award: FestivalAward) -> bool:
    """Count a closed award and find its winners, as far as that goes now; whether they are known."""
    async with running.reading() as reading:
        festival = await definitions.find(reading, award.festival_id)
    if award.draw_id is not None:
        return await _draw(running, award, award.draw_id, festival)
    await count(running, festival, counting.period_until(award.counts_from, award.at))
    async with running.reading() as reading:
        best = await settlement.best(reading, award, festival)
    async with running.step() as session:
        return await settlement.keep_best(session, award.id, best)


async def _draw(running: RunningJob, award: FestivalAward, draw_id: int, festival: Festival) -> bool:
    if award.listed_up_to < 0:  # once some are listed the scores stay as they are
        await count(running, festival, counting.period_until(award.counts_from, award.at))
    for some in (_list_some, _digest_some):
        is_more = True
        while is_more:
            async with running.step() as session:
                is_more = await some(session, running, award)
    async with running.reading() as reading:
        draw = await draws.find(reading, draw_id)
        if draw.state != DrawState.LISTED or draws.is_waiting_for_value(draw):
            return False
        drawn = await draws.find_winners(reading, running.cipher, draw_id)
    async with running.step() as session:
        return await settlement.keep_drawn(session, award.id, drawn, running.now())


async def _list_some(session: WriteSession, running: RunningJob, award: FestivalAward) -> bool:
    return await settlement.list_some(session, running.cipher, award.id)


async def _digest_some(session: WriteSession, _running: RunningJob, award: FestivalAward) -> bool:
    return award.draw_id is not None and await draws.digest_some(session, award.draw_id)


async def give(running: RunningJob, award: FestivalAward) -> None:
    """Give the prizes of an award whose winners are known."""
    is_more = True
    while is_more:
        async with running.step() as session:
            is_more = await settlement.award_some(session, award.id, running.caller, running.now())


async def count(running: RunningJob, festival: Festival, period: UtcPeriod) -> None:
    """Make scores and places anew; killed anywhere it begins again, to the same end."""
    after: int | None = 0
    while after is not None:
        async with running.step() as session:
            after = await counting.score_some(session, festival, period, after)
    async with running.reading() as session:
        categories = await counting.categories_of(session, festival)
    for category in (None, *categories):
        position: Position | None = None
        is_more = True
        while is_more:
            async with running.step() as session:
                position = await counting.place_some(session, festival.id, category, position)
            is_more = position is not None
    async with running.step() as session:
        board = await definitions.board_of(session, festival.id)
        board.counted_from, board.counted_until = period.start, period.end
        if festival.ends_at > running.now() and board.due_at is not None:
            board.due_at = running.now()  # what an award has counted isn't what is shown while it runs


async def _refresh(running: RunningJob, festival_id: int) -> None:
    now = running.now()
    async with running.reading() as session:
        festival = await definitions.find(session, festival_id)
        period = _stretch(festival, await awards.of_festival(session, festival_id), now)
    await count(running, festival, period)
    async with running.step() as session:
        board = await definitions.board_of(session, festival_id)
        is_over = festival.ends_at <= now or board.due_at is None
        board.due_at = None if is_over else now + timedelta(minutes=festival.refresh_minutes)


def _stretch(festival: Festival, of_it: list[FestivalAward], now: datetime) -> UtcPeriod:
    """What the leaderboard shows: up to the next award that is not settled; without one, the last or all."""
    live = [award for award in of_it if award.state != FestivalAwardState.CANCELLED]
    ahead = [award for award in live if award.at > now]
    if ahead:
        return counting.period_until(min(ahead, key=lambda award: award.at).counts_from, now)
    if live:
        last = max(live, key=lambda award: award.at)
        return counting.period_until(last.counts_from, min(now, last.at))
    return counting.period_until(festival.starts_at, min(now, festival.ends_at))


async def _due_boards(session: AnySession, now: datetime) -> list[int]:
    found = await session.scalars(
        select(FestivalBoard.festival_id)
        .where(FestivalBoard.due_at <= now)
        .order_by(FestivalBoard.due_at)
        .limit(_BOARDS_AT_ONCE)
    )
    return list(found)


JOB: Final = Job(
    SETTLE_FESTIVALS,
    "Leaderboards and awards of festivals",
    "رتبه‌بندی و جایزهٔ جشنواره‌ها",
    _run,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(hours=4),
)
