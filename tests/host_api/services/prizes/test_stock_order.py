"""Two who change several stocks at once take them in one order, whatever order they came in: on PostgreSQL,
which locks rows, neither has to be undone."""

import asyncio

import pytest
from sqlalchemy import select, text

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.ledger import bank
from host_api.core.ledger.bank import Wish, request_many
from host_api.core.ledger.movements import debit
from host_api.core.ledger.outcomes import Handlers
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.prizes import logic as prizes
from host_api.services.prizes.models import Prize
from host_api.services.prizes.schemas import PrizeCreate
from host_api.services.shop.catalogue.models import ShopCategory, ShopItem
from host_api.services.shop.order import paying
from host_api.services.shop.order.models import ShopOrder, ShopOrderLine
from host_api.services.shop.order.placing import SERVICE as SHOP
from tests.host_api.eventually import eventually
from tests.host_api.services.grouping.history import member, store
from tests.host_api.services.prizes.prize_calls import CALLER

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("settings", ["postgresql"], indirect=True)]

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def test_refused_prizes_go_back_to_their_stocks(database: Database) -> None:
    await store(database, [member(1)])
    async with database.writing(FIRST_PROGRAMME) as session:
        wanted = PrizeCreate.model_validate(
            {"kind": "units", "title": "P", "title_fa": "ج", "purse": 91, "units": 5, "stock": 9}
        )
        one, other = [(await prizes.create(session, wanted)).id for _ in range(2)]
        for number, prize_id in enumerate((one, other, other, one)):
            await prizes.award(session, prize_id, 1, service="tests", reference=str(number), caller=CALLER)
    await _end_crosswise(database, Prize, [one, other], {prizes.SERVICE: prizes.on_outcomes})
    async with database.reading(FIRST_PROGRAMME) as reading:
        assert list(await reading.scalars(select(Prize.stock))) == [9, 9]


async def test_refused_orders_give_their_items_back(database: Database) -> None:
    await store(database, [member(1)])
    async with database.writing(FIRST_PROGRAMME) as session:
        category = ShopCategory(code="c", title="C", title_fa="د", position=1)
        session.add(category)
        await session.flush()
        items = [_item(category.id) for _ in range(2)]
        orders = [
            ShopOrder(member_id=1, state="paying", ordered_by="t", ordered_at=utc_now()) for _ in range(4)
        ]
        session.add_all([*items, *orders])
        await session.flush()
        one, other = (item.id for item in items)
        lines = [_line(order, item) for order, item in zip(orders, (one, other, other, one), strict=True)]
        session.add_all(lines)
        await session.flush()
        wishes = [Wish(debit(1, 91, 5, "r"), f"pay-{line.id}") for line in lines]
        await request_many(session, wishes, service=SHOP, asked_by=CALLER)
    await _end_crosswise(database, ShopItem, [one, other], {SHOP: paying.on_outcomes})
    async with database.reading(FIRST_PROGRAMME) as reading:
        assert list(await reading.scalars(select(ShopItem.stock))) == [8, 8]
        assert set(await reading.scalars(select(ShopOrder.state))) == {"refused"}


async def _end_crosswise(
    database: Database, table: type[Prize] | type[ShopItem], ids: list[int], handlers: Handlers
) -> None:
    """Have the switch refuse two and two requests at once; both begin when both have come to a stock."""
    asked = await _asked(database)

    async def end(request_ids: list[int]) -> None:
        async with database.writing(FIRST_PROGRAMME) as session:
            rows = await bank.lock(session, request_ids)
            ends = [(rows[request_id], RequestState.DECLINED) for request_id in request_ids]
            await bank.end(session, ends, handlers)

    async def are_waiting() -> bool:
        async with database.reading() as session:
            return bool(await session.scalar(_WAITING) == 2)

    async with asyncio.TaskGroup() as group, database.writing(FIRST_PROGRAMME) as session:
        await session.execute(select(table.id).where(table.id.in_(ids)).with_for_update())
        for pair in (asked[:2], asked[2:]):
            group.create_task(end(pair))
        await eventually(are_waiting)


def _item(category_id: int) -> ShopItem:
    return ShopItem(
        category_id=category_id,
        kind="goods",
        title="I",
        title_fa="ک",
        file_ids=[],
        cost=0,
        purse=91,
        price=5,
        stock=6,
        return_days=0,
        release_hours=0,
        is_open=True,
        created_at=utc_now(),
    )


def _line(order: ShopOrder, item_id: int) -> ShopOrderLine:
    return ShopOrderLine(
        order_id=order.id,
        item_id=item_id,
        member_id=order.member_id,
        kind="goods",
        quantity=1,
        unit_price=5,
        purse=91,
        cost=0,
        state="paying",
        returned=0,
        return_days=0,
        ordered_at=utc_now(),
    )


async def _asked(database: Database) -> list[int]:
    async with database.reading(FIRST_PROGRAMME) as session:
        return list(await session.scalars(select(LedgerRequest.id).order_by(LedgerRequest.id)))
