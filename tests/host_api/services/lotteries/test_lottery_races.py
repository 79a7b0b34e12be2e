"""Two at once: tickets against a limit, an entry at closing time, a draw asked for twice."""

import asyncio
from datetime import timedelta

import pytest

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.draws import logic as draws
from host_api.services.lotteries import definitions, drawing
from host_api.services.lotteries.jobs import JOB
from host_api.services.lotteries.problems import LotteryNotOpen
from tests.host_api.api_calls import post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.lotteries.lottery_club import lottery_club

pytestmark = pytest.mark.anyio


async def test_one_of_many_requests_at_once_keeps_to_the_limit(api: RunningApi) -> None:
    member = (await post(api, "/v1/members", {"name": "Sara"}))["id"]
    now = utc_now()
    wanted = {
        "title": "L",
        "title_fa": "ق",
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "entries_per_day": None,
        "tickets_per_member": 3,
    }
    lottery = (await post(api, "/v1/lotteries", wanted))["id"]
    answers = await asyncio.gather(
        *(api.client.post(f"/v1/lotteries/{lottery}/entries", json={"member_id": member}) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 5


async def test_an_entry_at_closing_time_is_in_the_draw_or_refused(
    database: Database, settings: Settings
) -> None:
    club = await lottery_club(database, settings, members=12)
    lottery = await club.lottery(1, winners=12)
    (here,) = await club.rounds(lottery)
    closing = club.clock() + timedelta(hours=1)

    async def enter(number: int) -> bool:
        try:
            await club.enter(lottery, number)
        except LotteryNotOpen:
            return False
        return True

    async def close() -> None:
        async with database.writing(FIRST_PROGRAMME) as session:
            await drawing.close_round(session, here.id, closing)

    results = await asyncio.gather(
        *(enter(number) for number in range(1, 7)), close(), *(enter(number) for number in range(7, 13))
    )
    entered = [number for number, result in enumerate([*results[:6], *results[7:]], 1) if result]
    club.clock.turn(hours=1)
    await club.settle()
    assert sorted(win.member_id for win in await club.wins(lottery)) == entered


async def test_a_draw_that_two_ask_for_is_held_once(database: Database, settings: Settings) -> None:
    club = await lottery_club(database, settings)
    prize = await club.prize(2)
    lottery = await club.lottery(winners=2, prizes=[{"from_rank": 1, "to_rank": 2, "prize_id": prize}])
    for number in range(1, 7):
        await club.enter(lottery, number)
    club.clock.turn(hours=10)
    (here,) = await club.rounds(lottery)
    async with database.writing(FIRST_PROGRAMME) as session:
        await drawing.close_round(session, here.id, club.clock())

    async def every_step() -> bool:
        """What the job does, by a process that knows nothing of the other."""
        is_more: bool | None = True
        while is_more:
            async with database.writing(FIRST_PROGRAMME) as session:
                is_more = await drawing.list_some(session, club.cipher, here.id)
        async with database.writing(FIRST_PROGRAMME) as session:
            await draws.digest_some(session, here.draw_id)
        async with database.reading(FIRST_PROGRAMME) as reading:
            wins = await draws.find_winners(reading, club.cipher, here.draw_id)
        async with database.writing(FIRST_PROGRAMME) as session:
            was_first = await drawing.draw_round(session, here.id, wins, club.clock())
        async with database.writing(FIRST_PROGRAMME) as session:
            await drawing.award_some(session, here.id, club.caller, club.clock())
        return was_first

    assert sorted(await asyncio.gather(every_step(), every_step(), every_step())) == [False, False, True]
    # And by two processes that take the same job up.
    for _ in range(2):
        await club.runners.enqueue(JOB.name)
    await asyncio.gather(*(club.runners.work_off(club.runners.new()) for _ in range(2)))
    assert [win.state for win in await club.wins(lottery)] == ["awarded", "awarded"]
    assert len(await club.lines(lottery)) == 6
    async with database.reading(FIRST_PROGRAMME) as reading:
        found = await definitions.state_of(reading, await definitions.find(reading, lottery), club.clock())
    assert found == "drawn"
    with pytest.raises(LotteryNotOpen):
        await club.enter(lottery, 1)
