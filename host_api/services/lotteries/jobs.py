"""The job that closes, draws and gives what is due; every minute, and when a person has made work for it."""

from datetime import datetime, timedelta
from typing import Final

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.jobs import run_store
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.draws import logic as draws
from host_api.services.draws.models import DrawState
from host_api.services.lotteries import drawing
from host_api.services.lotteries.schemas import LotteryRoundState

DRAW_LOTTERIES: Final = "draw-lotteries"


def draw_soon(session: WriteSession, caller: Caller) -> None:
    """Have the job look once the transaction is committed."""
    run_store.enqueue(session, DRAW_LOTTERIES, {}, caller, now=utc_now())


async def _run(running: RunningJob) -> JsonObject:
    drawn = 0
    for round_id in await _in(running, LotteryRoundState.OPEN, running.now()):
        async with running.step() as session:
            await drawing.close_round(session, round_id, running.now())
    for round_id in await _in(running, LotteryRoundState.CLOSED):
        drawn += await _draw(running, round_id)
    for round_id in await _in(running, LotteryRoundState.DRAWN):
        is_more = True
        while is_more:
            async with running.step() as session:
                is_more = await drawing.award_some(session, round_id, running.caller, running.now())
    for round_id in await _in(running, LotteryRoundState.REFUNDING):
        is_more = True
        while is_more:
            async with running.step() as session:
                is_more = await drawing.refund_some(session, round_id)
    return {"drawn": drawn}


async def _draw(running: RunningJob, round_id: int) -> bool:
    """List, digest and draw a closed round, as far as that goes now."""
    is_more: bool | None = True
    while is_more:
        async with running.step() as session:
            is_more = await drawing.list_some(session, running.cipher, round_id)
    if is_more is None:
        return False
    draw_id = await _draw_of(running, round_id)
    is_more = True
    while is_more:
        async with running.step() as session:
            is_more = await draws.digest_some(session, draw_id)
    async with running.reading() as reading:
        draw = await draws.find(reading, draw_id)
        if draw.state != DrawState.LISTED or draws.is_waiting_for_value(draw):
            return False
        wins = await draws.find_winners(reading, running.cipher, draw_id)
    async with running.step() as session:
        return await drawing.draw_round(session, round_id, wins, running.now())


async def _draw_of(running: RunningJob, round_id: int) -> int:
    async with running.reading() as session:
        return await drawing.draw_of(session, round_id)


async def _in(running: RunningJob, state: LotteryRoundState, before: datetime | None = None) -> list[int]:
    async with running.reading() as session:
        return await drawing.rounds_in(session, state, before)


JOB: Final = Job(
    DRAW_LOTTERIES,
    "Drawing of lotteries",
    "انجام قرعه‌کشی‌ها",
    _run,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(hours=2),
)
