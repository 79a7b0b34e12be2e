"""Instalment sales: plans that come to the price, payments, late marks, what is called off (COAL-05)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.clock import utc_now
from host_api.core.jalali import Calendar
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.tehran_time import tehran_date
from host_api.services.credit_packages.logic import (
    DueDayAdjustment,
    InstalmentMethod,
    ScheduleTerms,
    WeekendDay,
    schedule,
)
from host_api.services.instalment_sales import logic
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi
from tests.host_api.services.payouts.payouts_bench import Row, texts
from tests.host_api.services.selling.selling_calls import FRONTS, Honey, honey, number, pay
from tests.host_api.switch_peer import SwitchPeer

SALES = "/v1/instalment-sales"


def _terms(count: int, rate_bp: int, method: InstalmentMethod) -> ScheduleTerms:
    weekend = frozenset({WeekendDay.THU, WeekendDay.FRI})
    return ScheduleTerms(count, 1, rate_bp, method, Calendar.JALALI, DueDayAdjustment.FOLLOWING, weekend)


@given(
    price=st.integers(1, 10**11),
    count=st.integers(1, 60),
    rate_bp=st.integers(0, 10_000),
    method=st.sampled_from(InstalmentMethod),
)
def test_a_schedule_comes_to_its_price_on_business_days(
    price: int, count: int, rate_bp: int, method: InstalmentMethod
) -> None:
    rows = schedule(price, date(2026, 3, 25), _terms(count, rate_bp, method), frozenset())
    assert sum(row.principal for row in rows) == price
    assert all(row.principal >= 0 and row.interest >= 0 for row in rows)
    assert [row.number for row in rows] == list(range(1, count + 1))
    assert all(earlier.due_on < later.due_on for earlier, later in pairwise(rows))
    assert all(row.due_on.weekday() not in (3, 4) for row in rows)


def test_a_worked_schedule() -> None:
    """1,000,000 at 18 % a year in three: 1.5 % a month of what is left; 4 Farvardin 1405 is a Tuesday."""
    rows = schedule(
        1_000_000, date(2026, 3, 24), _terms(3, 1_800, InstalmentMethod.EQUAL_PRINCIPAL), frozenset()
    )
    assert [(row.principal, row.interest) for row in rows] == [
        (333_333, 15_000),
        (333_334, 10_000),
        (333_333, 5_000),
    ]
    # 4 Ordibehesht is a Friday, and 4 Khordad a Monday.
    assert [row.due_on for row in rows] == [date(2026, 4, 25), date(2026, 5, 25), date(2026, 6, 25) + _TWO]


_TWO = timedelta(days=2)


async def _sale(shop: Honey, **terms: object) -> tuple[Row, int]:
    """An order of three that is confirmed, and the sale's id."""
    wanted: Row = {"instalments": 3, "rate_bp": 1_200, "down_bp": 2_000, "method": "annuity"}
    grant = await shop.privilege(instalments=wanted | terms)
    planned = await get(shop.api, f"{FRONTS}/privileges/{grant}/plans/{shop.good_id}", quantity=3)
    order = await shop.order(shop.buyers[0], quantity=3, privilege_id=grant, payment="instalments")
    assert order["state"] == "placed"
    await shop.step(order, "confirmation")
    page = await get(shop.api, f"/v1/members/{shop.buyers[0]}/instalment-sales", state="running")
    (row,) = items_of(page)
    sale = await get(shop.api, f"{SALES}/{row['id']}")
    keys = ("number", "due_on", "price_rials", "charge_rials")
    parts, expected = sale["parts"], planned["parts"]
    assert isinstance(parts, list) and isinstance(expected, list)
    assert [{key: part[key] for key in keys} for part in parts] == expected
    assert sum(part["price_rials"] for part in parts) == 300_000
    assert sum(part["charge_rials"] for part in parts) == sale["charge_rials"]
    return order, number(sale)


def _whole(part: Row) -> int:
    return number(part, "price_rials") + number(part, "charge_rials")


@pytest.mark.anyio
async def test_payments_fill_the_oldest_part_and_settle(api: RunningApi, peer: SwitchPeer) -> None:
    shop = await honey(api, peer)
    (reza,) = shop.buyers
    _, sale_id = await _sale(shop)
    path = f"{SALES}/{sale_id}"

    async def parts() -> list[Row]:
        found = (await get(api, path))["parts"]
        assert isinstance(found, list)
        return found

    down, *rest = [_whole(part) for part in await parts()]
    assert (down, len(rest)) == (60_000, 3)
    direct: Row = {"rials": 70_000, "reference": "R-1"}
    told = await post(api, f"{path}/direct-payments", direct)
    assert (await post(api, f"{path}/direct-payments", direct))["id"] == told["id"]
    again = await api.client.post(f"{path}/direct-payments", json=direct | {"rials": 1})
    assert problem(again) == (409, "instalment-reference-used")
    assert [part["paid_rials"] for part in await parts()] == [60_000, 10_000, 0, 0]
    points: Row = {"means": "points", "rials": 20_500, "reference": "P-1"}
    done = await pay(api, sale_id, points)
    # 20.5 points' worth takes 21; the seller gets what was paid, less the club's share.
    assert (done["state"], peer.balances[reza]) == ("done", 1_000 - 21)
    assert await shop.sums() == {"payment": -20_500, "commission": 410}
    assert (await pay(api, sale_id, points))["id"] == done["id"]
    poor = await pay(api, sale_id, {"means": "points", "rials": 1, "reference": "P-2"})
    assert poor["state"] == "done"
    left = sum(rest) + down - 70_000 - 20_501
    too_much = await api.client.post(f"{path}/direct-payments", json={"rials": left + 1, "reference": "R-2"})
    assert problem(too_much) == (409, "instalment-too-much")
    last = await post(api, f"{path}/direct-payments", {"rials": left, "reference": "R-2"})
    settled = await get(api, path)
    assert (settled["state"], settled["left_rials"]) == ("settled", 0)
    over = await api.client.post(f"{path}/direct-payments", json={"rials": 1, "reference": "R-3"})
    assert problem(over) == (409, "instalment-sale-over")
    # Told by mistake: the sale runs on, and its last parts are unpaid again.
    await post(api, f"{path}/direct-payments/{last['id']}/void", None, 200)
    assert (await get(api, path))["left_rials"] == left
    fixed = await api.client.post(f"{path}/direct-payments/{done['id']}/void")
    assert problem(fixed) == (409, "instalment-payment-fixed")


@pytest.mark.anyio
async def test_late_parts_are_marked_once_and_a_sale_called_off_pays_back(
    api: RunningApi, peer: SwitchPeer
) -> None:
    shop = await honey(api, peer)
    (reza,) = shop.buyers
    order, sale_id = await _sale(shop, rate_bp=0, down_bp=0)
    path = f"{SALES}/{sale_id}"
    await pay(api, sale_id, {"means": "points", "rials": 30_000, "reference": "P-1"})
    await post(api, f"{path}/direct-payments", {"rials": 5_000, "reference": "R-1"})
    later = tehran_date(utc_now()) + timedelta(days=45)
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        late = await logic.late_parts(session, later, 10)
        assert [await logic.mark_late(session, part_id, later) for part_id in late] == [True]
        assert not await logic.mark_late(session, late[0], later)
        assert await logic.late_parts(session, later, 10) == []
    ((_, text),) = await texts(api, "instalment-late")
    assert "۶۵۰۰۰ ریال" in str(text)
    sums = await get(api, f"/v1/sellers/{shop.seller_id}/instalment-totals")
    assert [sums[name] for name in ("sales", "price_rials", "paid_rials", "left_rials")] == [
        1,
        300_000,
        35_000,
        265_000,
    ]
    peer.refuse = lambda message: "57"
    refused = await pay(api, sale_id, {"means": "points", "rials": 1_000, "reference": "P-2"})
    assert refused["state"] == "refused"
    peer.refuse = lambda message: None
    await shop.step(order, "withdrawal")
    await shop.moved("payment-1", "returned")
    assert peer.balances[reza] == 1_000
    sums = await get(api, f"/v1/sellers/{shop.seller_id}/instalment-totals")
    assert (sums["sales"], sums["to_refund_rials"], sums["late_parts"]) == (0, 5_000, 0)
    assert sum(int(str(each)) for each in (await shop.sums()).values()) == 0
    over = await api.client.post(f"{path}/direct-payments", json={"rials": 1, "reference": "R-3"})
    assert problem(over) == (409, "instalment-sale-over")
