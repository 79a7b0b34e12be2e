"""Orders of cards: making their numbers, and taking the cards into stock."""

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.jobs import run_store
from host_api.core.listing import Page, read_rows
from host_api.services.cards import logic as cards
from host_api.services.cards.products import logic as products
from host_api.services.cards.stock.listing import OrderQuery
from host_api.services.cards.stock.models import CardOrder
from host_api.services.cards.stock.problems import OrderNotDue, OrderNotFound
from host_api.services.cards.stock.schemas import OrderCreate, OrderRead, OrderState

MAKE_JOB = "make-card-order"
RECEIVE_JOB = "receive-card-order"


async def create(session: WriteSession, caller: Caller, wanted: OrderCreate) -> OrderRead:
    """Order cards; a job makes their numbers.

    Raises:
        ProductNotFound, ProductRetired, merchants.BranchNotFound
    """
    await cards.check_branch(session, wanted.branch_id)
    product = await products.lock(session, wanted.card_type)
    now = utc_now()
    order = CardOrder(
        product_id=product.id,
        branch_id=wanted.branch_id,
        quantity=wanted.quantity,
        unit_cost=wanted.unit_cost,
        note=wanted.note,
        expires_on=products.last_day(product, now),
        state=OrderState.MAKING.value,
        made=0,
        received=0,
        job_run_id=None,
        created_at=now,
    )
    session.add(order)
    await session.flush()
    await _start(session, order, MAKE_JOB, caller)
    return OrderRead.model_validate(order)


async def receive(session: WriteSession, caller: Caller, order_id: int) -> OrderRead:
    """Take an order's cards into stock; a job does it, and sends their records.

    Raises:
        OrderNotFound, OrderNotDue
    """
    order = await session.get(CardOrder, order_id, with_for_update=True)
    if order is None:
        raise OrderNotFound
    if order.state != OrderState.ORDERED:
        raise OrderNotDue
    order.state = OrderState.RECEIVING.value
    await _start(session, order, RECEIVE_JOB, caller)
    return OrderRead.model_validate(order)


async def read(session: AnySession, order_id: int) -> OrderRead:
    """One order.

    Raises:
        OrderNotFound
    """
    order = await session.get(CardOrder, order_id)
    if order is None:
        raise OrderNotFound
    return OrderRead.model_validate(order)


async def read_page(session: ReadSession, query: OrderQuery) -> Page[OrderRead]:
    """A page of orders."""
    rows, next_cursor = await read_rows(session, select(CardOrder), query)
    return Page(items=[OrderRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def _start(session: WriteSession, order: CardOrder, job: str, caller: Caller) -> None:
    run = run_store.enqueue(session, job, {"order_id": order.id}, caller, now=utc_now())
    await session.flush()
    order.job_run_id = run.id
    await session.flush()
