"""Endpoints of branches' stocks and of counting them."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access
from host_api.services.cards.products.problems import ProductNotFound, ProductRetired
from host_api.services.cards.products.schemas import CODE_PATTERN
from host_api.services.cards.stock import logic
from host_api.services.cards.stock.listing import AllotmentQuery, CountQuery
from host_api.services.cards.stock.problems import (
    CountNotFound,
    CountSettled,
    SamePlace,
    StockTooLarge,
    StockTooSmall,
)
from host_api.services.cards.stock.schemas import (
    AllotmentCreate,
    AllotmentRead,
    CountCreate,
    CountRead,
    StockRead,
)
from host_api.services.merchants.logic import BranchNotFound

router = APIRouter(prefix="/card-stock", tags=["card stock"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_STOCK)]
Writing = Annotated[WriteWork, writes(access.WRITE_STOCK)]


@router.get("", summary="Read a stock", responses=problem_responses(ProductNotFound, BranchNotFound))
async def read_stock(
    work: Reading,
    card_type: Annotated[str, Query(pattern=CODE_PATTERN, description="Code of a card product.")],
    branch_id: Annotated[
        int | None, Query(ge=1, le=LARGEST_ID, description="Left out, the club's own stock.")
    ] = None,
) -> StockRead:
    """How many cards of a product are at a branch, by state."""
    return await logic.read(work.session, card_type, branch_id)


@router.post(
    "/allotments",
    status_code=201,
    summary="Move cards to another stock",
    responses=problem_responses(SamePlace, StockTooSmall, ProductNotFound, ProductRetired, BranchNotFound),
)
async def allot_cards(work: Writing, wanted: AllotmentCreate) -> AllotmentRead:
    """Move the oldest free cards of a product to a branch, or back; all of them or none."""
    return await logic.allot(work.session, wanted)


@router.get("/allotments", summary="List allotments")
async def list_allotments(work: Reading, query: Annotated[AllotmentQuery, Query()]) -> Page[AllotmentRead]:
    """Cards that went from one stock to another, the latest first."""
    return await logic.read_allotments(work.session, query)


@router.post(
    "/counts",
    status_code=201,
    summary="Count a stock",
    responses=problem_responses(ProductNotFound, BranchNotFound, StockTooLarge),
)
async def count_stock(work: Writing, wanted: CountCreate) -> CountRead:
    """Give the numbers of the cards found at a place, and hear what is missing and what doesn't belong."""
    return await logic.count(work.session, work.cipher, work.caller, wanted)


@router.get("/counts", summary="List counts")
async def list_counts(work: Reading, query: Annotated[CountQuery, Query()]) -> Page[CountRead]:
    """Counts and their differences, the latest first."""
    return await logic.read_counts(work.session, query)


@router.post(
    "/counts/{count_id}/settlement",
    summary="Settle a count",
    responses=problem_responses(CountNotFound, CountSettled),
)
async def settle_count(work: Writing, count_id: IdInPath) -> CountRead:
    """Write missing cards off and book misplaced ones here; cards given out since are left alone."""
    return await logic.settle(work.session, work.cipher, work.caller, count_id)
