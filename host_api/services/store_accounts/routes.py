"""Endpoints of merchants' books."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.files.download import DOWNLOAD_HEADERS, attachment
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.merchants.logic import BranchNotFound, MerchantNotFound
from host_api.services.store_accounts import access, logic, problems
from host_api.services.store_accounts.listing import (
    StoreDebtActQuery,
    StoreDebtorQuery,
    StoreEntryExportQuery,
    StoreEntryQuery,
)
from host_api.services.store_accounts.schemas import (
    StoreDebtActRead,
    StoreDebtCreate,
    StoreDebtorRead,
    StoreEntryRead,
    StorePeriodQuery,
    StoreSettlementCreate,
    StoreTrialBalance,
)
from host_api.services.store_accounts.till_documents import TillReferenceUsed

router = APIRouter(tags=["store accounts"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]

_COLUMNS: Final = (
    ("id", "Id", "شناسه"),
    ("merchant", "Merchant", "پذیرنده"),
    ("branch_id", "Branch", "شعبه"),
    ("document_kind", "Document", "نوع سند"),
    ("document_id", "Number", "شمارهٔ سند"),
    ("account", "Account", "حساب"),
    ("member_id", "Member", "عضو"),
    ("amount", "Amount", "مبلغ"),
    ("at", "At", "زمان"),
    ("by_name", "By", "ثبت‌کننده"),
)

add_export(
    router,
    list_export("store-entries", StoreEntryExportQuery, _COLUMNS, logic.read_entries_after),
    StoreEntryExportQuery,
    access.READ,
)


@router.get(
    "/store-entries/file",
    summary="Write the accounting file",
    response_class=Response,
    responses={
        **problem_responses(MerchantNotFound, problems.StoreFileTooLong),
        200: {
            "description": "The file.",
            "content": {"text/plain": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def write_file(work: Reading, query: Annotated[StorePeriodQuery, Query()]) -> Response:
    """The entries of some days in columns of fixed width, for an accounting program."""
    text = await logic.read_file(work.session, query)
    name = f"store-{query.merchant}-{query.first_day:%Y%m%d}-{query.last_day:%Y%m%d}.txt"
    headers = {"Content-Disposition": attachment(name), **DOWNLOAD_HEADERS}
    return Response(text, media_type="text/plain", headers=headers)


@router.get("/store-entries", summary="List store entries")
async def list_entries(work: Reading, query: Annotated[StoreEntryQuery, Query()]) -> Page[StoreEntryRead]:
    """The journal: what each sale, return, debt and settlement did to which account."""
    return await logic.read_entries(work.session, query)


@router.get(
    "/store-trial-balances/{merchant_key}",
    summary="Read a trial balance",
    responses=problem_responses(MerchantNotFound),
)
async def read_trial_balance(work: Reading, merchant_key: IdInPath) -> StoreTrialBalance:
    """What each of a merchant's accounts sums to; together they are zero."""
    return await logic.trial_balance(work.session, merchant_key)


@router.get("/store-debtors", summary="List debtors")
async def list_debtors(work: Reading, query: Annotated[StoreDebtorQuery, Query()]) -> Page[StoreDebtorRead]:
    """Who owes a merchant how much."""
    return await logic.read_debtors(work.session, query)


@router.get("/store-debt-acts", summary="List debts and settlements")
async def list_debt_acts(
    work: Reading, query: Annotated[StoreDebtActQuery, Query()]
) -> Page[StoreDebtActRead]:
    """Debts that were written down, settled or given up, the latest first; those of sales are entries."""
    return await logic.read_acts(work.session, query)


@router.post(
    "/store-debts",
    status_code=201,
    summary="Write a debt down",
    responses=problem_responses(BranchNotFound, MemberNotFound, problems.DebtorNotServed, TillReferenceUsed),
)
async def write_debt(work: Writing, wanted: StoreDebtCreate) -> StoreDebtActRead:
    """A debt that comes from elsewhere, such as an old one; a sale writes its own."""
    return await logic.write_debt(work.session, wanted, work.caller)


@router.post(
    "/store-settlements",
    status_code=201,
    summary="Settle a debt",
    responses=problem_responses(BranchNotFound, MemberNotFound, problems.DebtExceeded, TillReferenceUsed),
)
async def settle(work: Writing, wanted: StoreSettlementCreate) -> StoreDebtActRead:
    """A customer pays some or all of a debt, or it is given up (`method` null)."""
    return await logic.settle(work.session, wanted, work.caller)
