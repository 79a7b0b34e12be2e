"""The last prize and the last code, wanted by many at once, on both databases."""

import asyncio

import pytest

from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.discount_codes import logic as discount_codes
from host_api.services.discount_codes.problems import PoolEmpty
from host_api.services.prizes import logic
from tests.host_api.api_calls import get, items_of
from tests.host_api.running_api import RunningApi
from tests.host_api.services.prizes.prize_calls import CALLER, member, pool, prize

pytestmark = pytest.mark.anyio

AT_ONCE = 12


async def test_a_stock_never_falls_below_zero(api: RunningApi) -> None:
    who, cups = await member(api), await prize(api, stock=5)

    async def give(reference: int) -> bool:
        try:
            async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
                await logic.award(
                    session, cups, who, service="tests", reference=str(reference), caller=CALLER, quantity=2
                )
        except logic.PrizeGone:
            return False
        return True

    # Each reference twice: the second gets what the first was given.
    given = await asyncio.gather(*(give(number // 2) for number in range(AT_ONCE)))
    assert len(items_of(await get(api, "/v1/prizes/awards"))) == 2
    assert 2 <= sum(given) <= 4
    assert (await get(api, f"/v1/prizes/{cups}"))["stock"] == 1


async def test_no_code_is_given_twice(api: RunningApi) -> None:
    who, cinema = await member(api), await pool(api, codes=4)

    async def take(reference: int) -> str | None:
        try:
            async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
                given = await discount_codes.take_code(
                    session, cinema, who, service="tests", reference=str(reference)
                )
        except PoolEmpty:
            return None
        return given.code

    taken = await asyncio.gather(*(take(number) for number in range(AT_ONCE)))
    codes = [code for code in taken if code is not None]
    assert len(codes) == len(set(codes)) == 4
    again = await asyncio.gather(*(take(taken.index(codes[0])) for _ in range(4)))
    assert set(again) == {codes[0]}
    assert (await get(api, f"/v1/code-pools/{cinema}"))["codes"] == {
        "free": 0,
        "held": 0,
        "taken": 4,
        "used": 0,
        "withdrawn": 0,
        "expired": 0,
    }
