"""Endpoints of orders of cards."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access
from host_api.services.cards.products.problems import ProductNotFound, ProductRetired
from host_api.services.cards.stock import orders
from host_api.services.cards.stock.listing import OrderQuery
from host_api.services.cards.stock.problems import OrderNotDue, OrderNotFound
from host_api.services.cards.stock.schemas import OrderCreate, OrderRead
from host_api.services.merchants.logic import BranchNotFound

router = APIRouter(prefix="/card-orders", tags=["card stock"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_STOCK)]
Writing = Annotated[WriteWork, writes(access.WRITE_STOCK)]


@router.post(
    "",
    status_code=202,
    summary="Order cards",
    responses=problem_responses(ProductNotFound, ProductRetired, BranchNotFound),
)
async def create_order(work: Writing, wanted: OrderCreate) -> OrderRead:
    """Order so many cards. Their numbers are made in the background; a batch for the bureau comes after."""
    return await orders.create(work.session, work.caller, wanted)


@router.get("", summary="List orders of cards")
async def list_orders(work: Reading, query: Annotated[OrderQuery, Query()]) -> Page[OrderRead]:
    """Orders of cards, the latest first."""
    return await orders.read_page(work.session, query)


@router.get("/{order_id}", summary="Read an order of cards", responses=problem_responses(OrderNotFound))
async def read_order(work: Reading, order_id: IdInPath) -> OrderRead:
    """One order, and how far it is."""
    return await orders.read(work.session, order_id)


@router.post(
    "/{order_id}/receipt",
    status_code=202,
    summary="Receive an order of cards",
    responses=problem_responses(OrderNotFound, OrderNotDue),
)
async def receive_order(work: Writing, order_id: IdInPath) -> OrderRead:
    """The cards have come: they lie in stock, and terminals give them out once the switch has the records."""
    return await orders.receive(work.session, work.caller, order_id)
