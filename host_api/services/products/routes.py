"""Endpoints of the catalogue."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from pydantic import AwareDatetime

from host_api.core.bulk import importing
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.bulk.importing import ImportCreate, ImportRead, read_import, start_import
from host_api.core.clock import utc_now
from host_api.core.errors import preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.policy_versions import PolicyInThePast
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.merchants.logic import MerchantNotFound
from host_api.services.products import access, groups, labels, logic, prices, problems
from host_api.services.products.bulk import PRODUCTS_IMPORT
from host_api.services.products.listing import (
    ProductExportQuery,
    ProductGroupQuery,
    ProductPriceQuery,
    StoreProductQuery,
)
from host_api.services.products.schemas import (
    ChartStep,
    PriceChart,
    ProductGroupCreate,
    ProductGroupRead,
    ProductGroupUpdate,
    ProductPriceCreate,
    ProductPriceRead,
    StoreProductCreate,
    StoreProductRead,
    StoreProductUpdate,
)

router = APIRouter(tags=["products"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]

AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language", max_length=200)]

_COLUMNS: Final = (
    ("id", "Id", "شناسه"),
    ("merchant", "Merchant", "پذیرنده"),
    ("group_id", "Group", "گروه"),
    ("code", "Code", "کد"),
    ("barcode", "Bar code", "بارکد"),
    ("title", "Title", "عنوان انگلیسی"),
    ("title_fa", "Persian title", "عنوان"),
    ("unit", "Unit", "واحد"),
    ("price_quantity", "Price is for", "قیمت برای"),
    ("price", "Price", "قیمت"),
    ("tax_rate", "Tax rate", "نرخ مالیات"),
    ("price_with_tax", "Price with tax", "قیمت با مالیات"),
    ("is_open", "On sale", "قابل فروش"),
)
_SVG: Final = "image/svg+xml"

add_export(
    router,
    list_export("products", ProductExportQuery, _COLUMNS, logic.read_after),
    ProductExportQuery,
    access.READ,
)


@router.post(
    "/product-groups",
    status_code=201,
    summary="Add a product group",
    responses=problem_responses(
        MerchantNotFound,
        problems.ProductGroupNotFound,
        problems.ProductGroupTooDeep,
        problems.StoreProductCodeTaken,
    ),
)
async def create_group(work: Writing, response: Response, wanted: ProductGroupCreate) -> ProductGroupRead:
    """Hang a group into a merchant's tree."""
    group = await groups.create(work.session, wanted)
    response.headers["ETag"] = etag(group)
    return ProductGroupRead.model_validate(group)


@router.get("/product-groups", summary="List product groups")
async def list_groups(work: Reading, query: Annotated[ProductGroupQuery, Query()]) -> Page[ProductGroupRead]:
    """Groups; `parent_id` makes the tree of them."""
    return await groups.read_page(work.session, query)


@router.get(
    "/product-groups/{group_id}",
    summary="Read a product group",
    responses=problem_responses(problems.ProductGroupNotFound),
)
async def read_group(work: Reading, response: Response, group_id: IdInPath) -> ProductGroupRead:
    """One group by id, with the `ETag` that a change needs."""
    group = await groups.find(work.session, group_id)
    response.headers["ETag"] = etag(group)
    return ProductGroupRead.model_validate(group)


@router.patch(
    "/product-groups/{group_id}",
    summary="Change a product group",
    responses=problem_responses(
        problems.ProductGroupNotFound, problems.ProductGroupTooDeep, ChangedMeanwhile
    ),
)
async def change_group(
    work: Writing, response: Response, group_id: IdInPath, if_match: IfMatch, wanted: ProductGroupUpdate
) -> ProductGroupRead:
    """Change its names, or hang it elsewhere with all that is below it."""
    group = await groups.change(work.session, group_id, if_match, wanted)
    response.headers["ETag"] = etag(group)
    return ProductGroupRead.model_validate(group)


@router.get(
    "/product-labels",
    summary="Draw labels",
    response_class=Response,
    responses={
        **problem_responses(
            problems.StoreProductNotFound, problems.ProductHasNoPrice, problems.LabelSheetNotFound
        ),
        200: {
            "description": "An A4 sheet.",
            "content": {_SVG: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def draw_labels(work: Reading, query: Annotated[labels.LabelQuery, Query()]) -> Response:
    """A sheet to print from any browser at its own size: each product's name, price with tax and bar code."""
    return Response(await labels.sheet_of(work.session, query), media_type=_SVG)


@router.post(
    "/products",
    status_code=201,
    summary="Add a product",
    responses=problem_responses(problems.ProductGroupNotFound, problems.StoreProductCodeTaken),
)
async def create_product(work: Writing, response: Response, wanted: StoreProductCreate) -> StoreProductRead:
    """Register what a merchant sells."""
    product = await logic.create(work.session, wanted, work.caller)
    response.headers["ETag"] = etag(product)
    return await logic.read(work.session, product.id)


@router.post(
    "/products/imports",
    status_code=202,
    summary="Import products from a file",
    responses=problem_responses(
        importing.ImportFileNotFound, importing.FileNotImportable, importing.FileImportedAlready
    ),
)
async def start_product_import(
    work: Writing, wanted: ImportCreate, accept_language: AcceptLanguage = None
) -> ImportRead:
    """Add all products of a file with their first prices, or none where a row is wrong. A merchant's code
    that is there already fails the import, is passed over, or has what the row gives, also a new price."""
    return await start_import(
        work.session,
        PRODUCTS_IMPORT,
        wanted,
        work.caller,
        language=preferred_language(accept_language),
        now=utc_now(),
    )


@router.get(
    "/products/imports/{id}",
    summary="Read an import of products",
    responses=problem_responses(importing.ImportNotFound),
)
async def read_product_import(
    work: Reading,
    id: IdInPath,  # noqa: A002
    accept_language: AcceptLanguage = None,
) -> ImportRead:
    """State, progress, counts and the first faults; the whole report is a file."""
    return await read_import(work.session, PRODUCTS_IMPORT, id, preferred_language(accept_language))


@router.get("/products", summary="List products")
async def list_products(
    work: Reading, query: Annotated[StoreProductQuery, Query()]
) -> Page[StoreProductRead]:
    """Products with their prices now: the price list."""
    return await logic.read_page(work.session, query)


@router.get(
    "/products/{product_id}",
    summary="Read a product",
    responses=problem_responses(problems.StoreProductNotFound),
)
async def read_product(work: Reading, response: Response, product_id: IdInPath) -> StoreProductRead:
    """One product by id, with the `ETag` that a change needs."""
    response.headers["ETag"] = etag(await logic.find(work.session, product_id))
    return await logic.read(work.session, product_id)


@router.patch(
    "/products/{product_id}",
    summary="Change a product",
    responses=problem_responses(
        problems.StoreProductNotFound,
        problems.ProductGroupNotFound,
        problems.StoreProductCodeTaken,
        ChangedMeanwhile,
    ),
)
async def change_product(
    work: Writing, response: Response, product_id: IdInPath, if_match: IfMatch, wanted: StoreProductUpdate
) -> StoreProductRead:
    """Change what is given; what was sold keeps what it had."""
    product = await logic.change(work.session, product_id, if_match, wanted)
    response.headers["ETag"] = etag(product)
    return await logic.read(work.session, product_id)


@router.post(
    "/products/{product_id}/prices",
    status_code=201,
    summary="Set a price",
    responses=problem_responses(problems.StoreProductNotFound, PolicyInThePast),
)
async def set_price(work: Writing, product_id: IdInPath, wanted: ProductPriceCreate) -> ProductPriceRead:
    """A price from now or later on; those before it stay as the history."""
    await logic.find(work.session, product_id)
    return await prices.set_price(work.session, product_id, wanted, work.caller)


@router.get(
    "/products/{product_id}/prices",
    summary="List prices",
    responses=problem_responses(problems.StoreProductNotFound),
)
async def list_prices(
    work: Reading, product_id: IdInPath, query: Annotated[ProductPriceQuery, Query()]
) -> Page[ProductPriceRead]:
    """The history of a product's price, the latest first."""
    await logic.find(work.session, product_id)
    return await prices.read_page(work.session, product_id, query)


@router.get(
    "/products/{product_id}/price-chart",
    summary="Chart a price",
    responses=problem_responses(problems.StoreProductNotFound),
)
async def chart_price(
    work: Reading,
    product_id: IdInPath,
    step: ChartStep = ChartStep.DAY,
    steps: Annotated[int, Query(ge=1, le=prices.MOST_STEPS)] = 30,
    until: Annotated[AwareDatetime | None, Query(description="In the last step; left out, now.")] = None,
) -> PriceChart:
    """How the price moved in the last days or months: opening, highest, lowest and closing."""
    await logic.find(work.session, product_id)
    return await prices.chart(work.session, product_id, step, steps, until)
