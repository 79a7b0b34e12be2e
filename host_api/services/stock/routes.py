"""Endpoints of stock and stocktaking."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.merchants.logic import BranchNotFound
from host_api.services.products.problems import StoreProductNotFound
from host_api.services.stock import access, counting, logic, problems
from host_api.services.stock.listing import (
    StockCountLineQuery,
    StockCountQuery,
    StockEntryExportQuery,
    StockEntryQuery,
    StockLevelQuery,
)
from host_api.services.stock.schemas import (
    StockCountCreate,
    StockCountings,
    StockCountLineRead,
    StockCountRead,
    StockEntryRead,
    StockLevelRead,
    StockReceiptCreate,
    StockRuleChange,
    StockRuleRead,
    StockWriteOffCreate,
)

router = APIRouter(tags=["stock"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Approving = Annotated[WriteWork, writes(access.APPROVE)]

_COLUMNS: Final = (
    ("id", "Id", "شناسه"),
    ("branch_id", "Branch", "شعبه"),
    ("product_id", "Product", "محصول"),
    ("kind", "Kind", "نوع"),
    ("document_id", "Document", "سند"),
    ("change", "Change", "تغییر"),
    ("level_after", "Level", "موجودی"),
    ("note", "Note", "توضیح"),
    ("at", "At", "زمان"),
    ("by_name", "By", "ثبت‌کننده"),
)

add_export(
    router,
    list_export("stock-entries", StockEntryExportQuery, _COLUMNS, logic.read_entries_after),
    StockEntryExportQuery,
    access.READ,
)


@router.post(
    "/stock-receipts",
    status_code=201,
    summary="Receive goods",
    responses=problem_responses(BranchNotFound, StoreProductNotFound, problems.ProductOfAnotherMerchant),
)
async def receive(work: Writing, wanted: StockReceiptCreate) -> StockEntryRead:
    """Goods came in at a branch."""
    return await logic.receive(work.session, wanted, work.caller)


@router.post(
    "/stock-write-offs",
    status_code=201,
    summary="Write goods off",
    responses=problem_responses(
        BranchNotFound, StoreProductNotFound, problems.ProductOfAnotherMerchant, problems.NotInStock
    ),
)
async def write_off(work: Writing, wanted: StockWriteOffCreate) -> StockEntryRead:
    """Goods are broken, lost or out of date."""
    return await logic.write_off(work.session, wanted, work.caller)


@router.get("/stock-entries", summary="List stock entries")
async def list_entries(work: Reading, query: Annotated[StockEntryQuery, Query()]) -> Page[StockEntryRead]:
    """The stock ledger, the latest first: each change with the level after it."""
    return await logic.read_entries(work.session, query)


@router.get("/stock-levels", summary="List stock levels")
async def list_levels(work: Reading, query: Annotated[StockLevelQuery, Query()]) -> Page[StockLevelRead]:
    """What a branch has; `quantity_below` finds what is to be ordered."""
    return await logic.read_levels(work.session, query)


@router.get(
    "/stock-rules/{branch_id}", summary="Read a stock rule", responses=problem_responses(BranchNotFound)
)
async def read_rule(work: Reading, branch_id: IdInPath) -> StockRuleRead:
    """Whether a branch may sell what its stock doesn't show; unless told, it may not."""
    return await logic.read_rule(work.session, branch_id)


@router.put(
    "/stock-rules/{branch_id}", summary="Set a stock rule", responses=problem_responses(BranchNotFound)
)
async def set_rule(work: Approving, branch_id: IdInPath, wanted: StockRuleChange) -> StockRuleRead:
    """Say whether a branch may go below zero."""
    return await logic.set_rule(work.session, branch_id, wanted.may_go_below_zero)


@router.post(
    "/stock-counts",
    status_code=201,
    summary="Open a stocktaking",
    responses=problem_responses(BranchNotFound, problems.StockCountOpen),
)
async def open_count(work: Writing, wanted: StockCountCreate) -> StockCountRead:
    """Begin to count a branch; it goes on selling meanwhile."""
    return await counting.open_count(work.session, wanted, work.caller)


@router.get("/stock-counts", summary="List stocktakings")
async def list_counts(work: Reading, query: Annotated[StockCountQuery, Query()]) -> Page[StockCountRead]:
    """Stocktakings, the latest first."""
    return await counting.read_page(work.session, query)


@router.get(
    "/stock-counts/{count_id}",
    summary="Read a stocktaking",
    responses=problem_responses(problems.StockCountNotFound),
)
async def read_count(work: Reading, count_id: IdInPath) -> StockCountRead:
    """One stocktaking by id."""
    return await counting.read(work.session, count_id)


@router.get(
    "/stock-counts/{count_id}/lines",
    summary="List counted products",
    responses=problem_responses(problems.StockCountNotFound),
)
async def list_count_lines(
    work: Reading, count_id: IdInPath, query: Annotated[StockCountLineQuery, Query()]
) -> Page[StockCountLineRead]:
    """What was counted, what was expected, and the difference."""
    return await counting.read_lines(work.session, count_id, query)


@router.post(
    "/stock-counts/{count_id}/lines",
    status_code=201,
    summary="Note what was counted",
    responses=problem_responses(
        problems.StockCountNotFound,
        problems.StockCountEnded,
        problems.StockCountFull,
        BranchNotFound,
        StoreProductNotFound,
        problems.ProductOfAnotherMerchant,
    ),
)
async def note_counted(work: Writing, count_id: IdInPath, wanted: StockCountings) -> list[StockCountLineRead]:
    """Write numbers down, each beside the level of this moment: enter a product when it has been counted."""
    return await counting.note_counted(work.session, count_id, wanted, work.caller)


@router.post(
    "/stock-counts/{count_id}/closing",
    status_code=201,
    summary="Close a stocktaking",
    responses=problem_responses(problems.StockCountNotFound, problems.StockCountEnded, problems.NotInStock),
)
async def close_count(work: Approving, count_id: IdInPath) -> StockCountRead:
    """Make entries of the differences; what was not counted stays as it is."""
    return await counting.close(work.session, count_id, work.caller)


@router.post(
    "/stock-counts/{count_id}/cancellation",
    status_code=201,
    summary="Cancel a stocktaking",
    responses=problem_responses(problems.StockCountNotFound, problems.StockCountEnded),
)
async def cancel_count(work: Writing, count_id: IdInPath) -> StockCountRead:
    """Leave all levels as they are."""
    return await counting.cancel(work.session, count_id, work.caller)
