"""What counts as bought and earned: at the edges of a period, after reversals and after returns."""

from datetime import timedelta

import pytest

from host_api.core.database import Database
from host_api.core.jalali_periods import year_period
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.core.tehran_time import UtcPeriod
from host_api.services.transactions.purchase_sums import PurchaseTotals, purchase_totals
from tests.host_api.services.grouping.history import LONG_AGO, NOWRUZ_1405, Journal, store

pytestmark = pytest.mark.anyio

MS = timedelta(milliseconds=1)
LAST = NOWRUZ_1405 - MS


async def _totals(database: Database, period: UtcPeriod) -> dict[int, PurchaseTotals]:
    async with database.reading(FIRST_PROGRAMME) as session:
        return await purchase_totals(session, [1, 2, 3, 4, 5, 6], period, purse="tier_points")


async def test_a_year_ends_with_its_last_millisecond_in_tehran(database: Database) -> None:
    journal = Journal()
    for at, amount in ((year_period(1404).start, 1), (LAST, 2), (NOWRUZ_1405, 4), (year_period(1405).end, 8)):
        rrn = journal.sale(1, at, amount)
        journal.move(rrn, 1, amount * 100, purse="tier_points")
    await store(database, (), journal)
    assert await _totals(database, year_period(1404)) == {1: PurchaseTotals(3, 2, 300)}
    assert await _totals(database, year_period(1405)) == {1: PurchaseTotals(4, 1, 400)}


async def test_reversals_and_returns_take_off_what_their_sale_gave(database: Database) -> None:
    journal = Journal()
    # 1: a part comes back in the year after, a whole sale at once, and a return that was itself undone.
    part, whole, kept = (journal.sale(1, LAST, amount) for amount in (100, 50, 10))
    for rrn, amount in ((part, 1000), (whole, 500), (kept, 100)):
        journal.move(rrn, 1, amount, purse="tier_points")
        journal.move(rrn, 1, 7, purse="points")
    for sale, amount in ((part, 30), (whole, 50)):
        back = journal.give_back(1, NOWRUZ_1405, amount, sale)
        journal.move(back, 1, amount * 10, purse="tier_points", reason="return")
    journal.give_back(1, NOWRUZ_1405, 10, kept, reversed_by_rrn="900000000001")
    journal.give_back(1, NOWRUZ_1405, 10, kept, response_code="12")
    # 2: nothing of it is a purchase; but the event earned.
    journal.sale(2, LAST, 100, reversed_by_rrn="900000000002")
    journal.sale(2, LAST, 100, mti="0400")
    journal.sale(2, LAST, 100, mti="0100")
    journal.sale(2, LAST, 100, response_code="51")
    event = journal.sale(2, LAST, 0, processing_code="290000")
    journal.move(event, 2, 40, purse="tier_points")
    undone = journal.sale(2, LAST, 0, processing_code="290000", reversed_by_rrn="900000000003")
    journal.move(undone, 2, 40, purse="tier_points")
    # 3: a completed hold, an advice, and a sale of which points paid a part.
    journal.sale(3, LAST, 20, concerns_rrn="900000000004")
    journal.sale(3, LAST, 20, mti="0220")
    journal.sale(3, LAST, 20, net_amount=5, tendered=15, processing_code="009100")
    # 4: the sale is of the year before that, so its return takes nothing off this one.
    old = journal.sale(4, LONG_AGO - timedelta(days=300), 70)
    journal.give_back(4, LAST, 70, old)
    journal.sale(4, LAST, 1)
    # 5: another member's return, which the switch would not take, changes nothing.
    other = journal.sale(5, LAST, 9)
    journal.give_back(6, LAST, 9, other)
    await store(database, (), journal)
    assert await _totals(database, year_period(1404)) == {
        1: PurchaseTotals(80, 2, 800),
        2: PurchaseTotals(0, 0, 40),
        3: PurchaseTotals(45, 3, 0),
        4: PurchaseTotals(1, 1, 0),
        5: PurchaseTotals(9, 1, 0),
    }
    assert await _totals(database, year_period(1405)) == {}


async def test_other_programmes_purchases_are_not_counted(database: Database) -> None:
    async with database.writing() as session:
        session.add(
            Programme(id=2, code="other", name="other", mode="live", status="active", created_at=LONG_AGO)
        )
    mine, others = Journal(), Journal()
    sale = mine.sale(1, LAST, 10)
    mine.move(sale, 1, 3, purse="tier_points")
    others.give_back(1, LAST, 10, others.sale(1, LAST, 10))
    await store(database, (), mine)
    async with database.writing(2) as session:
        session.add_all(others.rows)
    assert await _totals(database, year_period(1404)) == {1: PurchaseTotals(10, 1, 3)}
