"""The jobs that make an order's cards, and take them into stock, some hundreds in a transaction."""

from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from host_api.core.events.emission import Subject, emit
from host_api.core.jobs.declaration import Job, JobFailed
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.services.cards import record, repository
from host_api.services.cards.events import STOCK_RECEIVED, StockReceivedEvent
from host_api.services.cards.lifecycle.change import Change, apply
from host_api.services.cards.models import Card
from host_api.services.cards.numbers import blank_card, free_numbers
from host_api.services.cards.products import logic as products
from host_api.services.cards.schemas import Key
from host_api.services.cards.states import CardStatus, ChangeReason
from host_api.services.cards.stock.models import CardOrder
from host_api.services.cards.stock.orders import MAKE_JOB, RECEIVE_JOB
from host_api.services.cards.stock.schemas import OrderState

_BATCH: Final = 500


async def _make(running: RunningJob) -> JsonObject:
    order_id = int(str(running.arguments["order_id"]))
    while True:
        async with running.step() as session:
            order = await session.get(CardOrder, order_id, with_for_update=True)
            if order is None:
                raise JobFailed("order-gone")
            wanted = min(_BATCH, order.quantity - order.made)
            if wanted:
                product = await products.find(session, order.product_id)
                numbers = await free_numbers(session, running.cipher, product.number_digits, wanted)
                made = [
                    (
                        blank_card(
                            product,
                            number,
                            CardStatus.ORDERED,
                            expires_on=order.expires_on,
                            branch_id=order.branch_id,
                            order_id=order.id,
                        ),
                        number,
                    )
                    for number in numbers
                ]
                await repository.add(session, running.cipher, made)
                order.made += wanted
            is_whole = order.made == order.quantity
            if is_whole and order.state == OrderState.MAKING:
                order.state = OrderState.ORDERED.value
            running.done, running.total = order.made, order.quantity
        if is_whole:
            return {"made": running.done}


async def _receive(running: RunningJob) -> JsonObject:
    order_id = int(str(running.arguments["order_id"]))
    due = (
        select(Card)
        .where(Card.order_id == order_id, Card.status == CardStatus.ORDERED.value)
        .order_by(Card.id)
        .limit(_BATCH)
        .with_for_update()
    )
    change = Change(CardStatus.NEW, ChangeReason.RECEIVED, running.caller, is_told=False)
    while True:
        async with running.step() as session:
            order = await session.get(CardOrder, order_id, with_for_update=True)
            if order is None or order.state not in (OrderState.RECEIVING, OrderState.RECEIVED):
                raise JobFailed("order-not-due")
            found = list(await session.scalars(due))
            for card in found:
                apply(session, card, change)
            await record.send(session, running.cipher, found)
            order.received += len(found)
            running.done, running.total = order.received, order.quantity
            is_whole = len(found) < _BATCH
            if is_whole and order.state == OrderState.RECEIVING:
                order.state = OrderState.RECEIVED.value
                told = StockReceivedEvent(
                    order_id=order.id, product_id=order.product_id, cards=order.received
                )
                emit(session, STOCK_RECEIVED, Subject("card_order", order.id), told)
        if is_whole:
            return {"received": running.done}


class OrderArguments(BaseModel):
    """Which order; a run that failed for good is started again by hand."""

    model_config = ConfigDict(extra="forbid")

    order_id: Key


MAKE_CARD_ORDER: Final = Job(
    MAKE_JOB,
    "Make an order's card numbers",
    "ساخت شماره‌های سفارش کارت",
    _make,
    is_on_demand=True,
    arguments=OrderArguments,
)
RECEIVE_CARD_ORDER: Final = Job(
    RECEIVE_JOB,
    "Take an order's cards into stock",
    "دریافت کارت‌های سفارش",
    _receive,
    is_on_demand=True,
    arguments=OrderArguments,
)
