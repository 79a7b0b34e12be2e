"""A member's statement and history (REP-01, REP-06)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.tehran_time import start_of_day, tehran_date
from host_api.services.transactions.models import Lot
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.feed_peer import lot
from tests.host_api.running_api import RunningApi
from tests.host_api.services.club_history import History, eventful, project, transfer

pytestmark = pytest.mark.anyio


async def _purses(api: RunningApi, member: object, **query: object) -> list[dict[str, object]]:
    purses = (await get(api, f"/v1/members/{member}/statement", **query))["purses"]
    assert isinstance(purses, list)
    return purses


def _turnover(purse: dict[str, object]) -> dict[str, tuple[int, int]]:
    lines = purse["turnover"]
    assert isinstance(lines, list)
    return {line["kind"]: (line["received"], line["spent"]) for line in lines}


async def test_what_closes_a_day_opens_the_next_and_the_last_is_what_is_there(api: RunningApi) -> None:
    for number in range(7):
        await post(api, "/v1/members", {"name": f"member {number}"})
    await project(api.runtime.database, eventful(seed=4, count=160).lines)
    days = [f"2026-09-{day}" for day in range(21, 31)]
    async with api.runtime.database.reading(FIRST_PROGRAMME) as session:
        held = list(await session.scalars(select(Lot).where(Lot.account == "member:3")))
    closing = 0
    for day in days:
        found = await _purses(api, 3, day_from=day, day_to=day)
        if found:
            (purse,) = found
            assert purse["opening"] == closing
            moved = sum(received - spent for received, spent in _turnover(purse).values())
            closing += moved
            assert purse["closing"] == closing
    assert closing == sum(row.amount for row in held) > 0
    whole = await _purses(api, 3, day_from="1405-06-30", day_to="1405-07-08")
    assert (whole[0]["opening"], whole[0]["closing"]) == (0, closing)
    assert {"earn", "transfer"} <= set(_turnover(whole[0]))
    refused = await api.client.get(
        "/v1/members/3/statement", params={"day_from": "1405-07-02", "day_to": "1405-07-01"}
    )
    assert refused.status_code == 422
    assert (await api.client.get("/v1/members/99/statement")).status_code == 404


async def test_households_and_what_expires_soon(api: RunningApi) -> None:
    member = (await post(api, "/v1/members", {"name": "Sara"}))["id"]
    home = f"household:{(await post(api, '/v1/households', {'head_id': member}))['id']}"
    today = tehran_date(utc_now())
    first = int(start_of_day(today + timedelta(days=30)).timestamp())
    history = History()
    history.sale(1)
    line = history.lines[0]
    line["transfers"] = [transfer("programme:liability", home, 70, "earn")]
    line["lots"] = [
        lot(home, 30, expires_at_s=first),
        lot(home, 20, expires_at_s=first - 5),
        lot(home, 20, expires_at_s=first + 1),
    ]
    await project(api.runtime.database, history.lines)
    (purse,) = await _purses(api, member, day_from="1400-01-01", day_to="1420-01-01", expiring_days=28)
    assert (purse["is_household"], purse["closing"], purse["expiring"]) == (True, 70, [])
    (purse,) = await _purses(api, member, expiring_days=30)
    # What ends as a day begins was good until the end of the day before.
    assert purse["expiring"] == [
        {"day": (today + timedelta(days=29)).isoformat(), "amount": 50},
        {"day": (today + timedelta(days=30)).isoformat(), "amount": 20},
    ]


async def test_the_history_has_what_others_and_time_did_and_hides_their_sales(api: RunningApi) -> None:
    giver, taker = [(await post(api, "/v1/members", {"name": name}))["id"] for name in ("Sara", "Reza")]
    assert isinstance(giver, int)
    assert isinstance(taker, int)
    history = History()
    sale = history.sale(giver)
    given = history.given(giver, taker, 30, sale)
    history.declined(taker, "51")
    history.expired(giver, 20, sale)
    history.expired(taker, 5, sale)
    await project(api.runtime.database, history.lines)
    pages: list[dict[str, object]] = []
    before: dict[str, object] = {}
    while True:
        page = await get(api, f"/v1/members/{taker}/timeline", limit=2, **before)
        pages += items_of(page)
        if page["next_before"] is None:
            break
        before = {"before": page["next_before"]}
    assert [(item["position"], item["operation"], item["rrn"], item["movements"]) for item in pages] == [
        (5, None, None, [{"purse": "points", "kind": "expire", "amount": -5}]),
        (3, "purchase", f"{3:012d}", []),
        (given, "transfer", None, [{"purse": "points", "kind": "transfer", "amount": 30}]),
    ]
    assert [item["amount"] for item in pages] == [None, 2_500_000, None]
    own = items_of(await get(api, f"/v1/members/{giver}/timeline"))
    assert [item["position"] for item in own] == [4, given, sale]
