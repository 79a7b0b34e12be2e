"""Endpoints of card products."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access
from host_api.services.cards.products import logic
from host_api.services.cards.products.listing import ProductQuery
from host_api.services.cards.products.problems import (
    ProductCodeReserved,
    ProductCodeTaken,
    ProductNotFound,
)
from host_api.services.cards.products.schemas import ProductChange, ProductCreate, ProductRead

router = APIRouter(prefix="/card-products", tags=["card products"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_PRODUCTS)]
Writing = Annotated[WriteWork, writes(access.WRITE_PRODUCTS)]


def _tagged(response: Response, product: ProductRead) -> ProductRead:
    response.headers["ETag"] = f'"{product.version}"'
    return product


@router.post(
    "",
    status_code=201,
    summary="Make a card product",
    responses=problem_responses(ProductCodeTaken, ProductCodeReserved),
)
async def create_product(response: Response, work: Writing, wanted: ProductCreate) -> ProductRead:
    """Make a kind of card. Rules and switch know it by its code; gift products all count as GIFT there."""
    return _tagged(response, await logic.create(work.session, wanted))


@router.get("", summary="List card products")
async def list_products(work: Reading, query: Annotated[ProductQuery, Query()]) -> Page[ProductRead]:
    """The club's kinds of card."""
    return await logic.read_page(work.session, query)


@router.get("/{product_id}", summary="Read a card product", responses=problem_responses(ProductNotFound))
async def read_product(response: Response, work: Reading, product_id: IdInPath) -> ProductRead:
    """One kind of card; its `ETag` is wanted to change it."""
    return _tagged(response, await logic.read(work.session, product_id))


@router.patch(
    "/{product_id}",
    summary="Change a card product",
    responses=problem_responses(ProductNotFound, ChangedMeanwhile),
)
async def change_product(
    response: Response, work: Writing, product_id: IdInPath, if_match: IfMatch, wanted: ProductChange
) -> ProductRead:
    """Change or retire a kind of card. Cards that were issued stay as they are."""
    return _tagged(response, await logic.change(work.session, product_id, wanted, if_match))
