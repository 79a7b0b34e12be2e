"""Endpoints of contracts: asking, deciding, using, and what they come to."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.credit_packages import access, contracts, positions, problems
from host_api.services.credit_packages.listing import (
    ContractExportQuery,
    ContractQuery,
    EntryExportQuery,
    EntryQuery,
)
from host_api.services.credit_packages.position_schemas import CreditTotalsRead
from host_api.services.credit_packages.schemas import (
    CreditContractCreate,
    CreditContractRead,
    CreditDecision,
    CreditEntryRead,
    CreditPlanRead,
    CreditUseCreate,
)
from host_api.services.guests.problems import GuestNotFound
from host_api.services.members.logic import MemberNotFound

contract_router = APIRouter(prefix="/credit-packages", tags=["credit packages"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]

_HolderId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]

_CONTRACT_COLUMNS: Final = (
    ("id", "Contract", "قرارداد"),
    ("package_id", "Package", "بسته"),
    ("member_id", "Member", "شمارهٔ عضو"),
    ("guest_id", "Guest", "مهمان"),
    ("reference", "Reference", "شمارهٔ ارجاع"),
    ("state", "State", "وضعیت"),
    ("started_on", "First day", "نخستین روز"),
    ("last_day", "Last day of use", "آخرین روز مصرف"),
    ("open", "Open", "باز"),
    ("consumed", "Consumed", "مصرف‌شده"),
    ("accrued_interest", "Accrued interest", "بهرهٔ محاسبه‌شده"),
    ("principal", "Principal owed", "اصل بدهی"),
    ("interest", "Interest owed", "بهرهٔ بدهی"),
    ("cost", "Cost owed", "هزینهٔ بدهی"),
    ("late", "Late charge owed", "وجه تأخیر"),
    ("overdue", "Overdue", "سررسیدگذشته"),
    ("paid", "Paid", "پرداخت‌شده"),
)
_ENTRY_COLUMNS: Final = (
    ("id", "Entry", "سند"),
    ("contract_id", "Contract", "قرارداد"),
    ("kind", "Kind", "نوع"),
    ("debit", "Debit", "بدهکار"),
    ("credit", "Credit", "بستانکار"),
    ("rials", "Rials", "ریال"),
    ("day", "Day", "روز"),
    ("rrn", "Transaction", "تراکنش"),
)
add_export(
    contract_router,
    list_export("contracts", ContractExportQuery, _CONTRACT_COLUMNS, contracts.read_after),
    ContractExportQuery,
    access.READ,
)
add_export(
    contract_router,
    list_export("entries", EntryExportQuery, _ENTRY_COLUMNS, contracts.read_entries_after),
    EntryExportQuery,
    access.READ,
)


@contract_router.post(
    "/contracts",
    status_code=201,
    summary="Ask for credit",
    responses=problem_responses(
        problems.PackageNotFound,
        problems.PackageNotSold,
        MemberNotFound,
        GuestNotFound,
        problems.ReferenceUsed,
    ),
)
async def ask_contract(work: Writing, wanted: CreditContractCreate) -> CreditContractRead:
    """A package for a member or a guest without the shop; it is given once a second person approves."""
    return await contracts.ask(work.session, work.cipher, work.caller, wanted)


@contract_router.get("/contracts", summary="List contracts and their figures")
async def list_contracts(work: Reading, query: Annotated[ContractQuery, Query()]) -> Page[CreditContractRead]:
    """Open and consumed credit, what accrued, is owed and was paid; the latest first."""
    return await contracts.read_page(work.session, query)


@contract_router.get("/entries", summary="List entries of contracts")
async def list_entries(work: Reading, query: Annotated[EntryQuery, Query()]) -> Page[CreditEntryRead]:
    """The statement of a contract, or of all, in order."""
    return await contracts.read_entries(work.session, query)


@contract_router.get("/totals", summary="Sum up open and consumed credit")
async def read_totals(
    work: Reading,
    member_id: _HolderId = None,
    guest_id: _HolderId = None,
    after_package_id: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CreditTotalsRead:
    """By package, of all holders or of one."""
    return await positions.totals(
        work.session, member_id=member_id, guest_id=guest_id, after_package_id=after_package_id, limit=limit
    )


@contract_router.get(
    "/contracts/{contract_id}",
    summary="Read a contract",
    responses=problem_responses(problems.ContractNotFound),
)
async def read_contract(work: Reading, contract_id: IdInPath) -> CreditContractRead:
    """One contract by id."""
    return await contracts.read(work.session, contract_id)


@contract_router.get(
    "/contracts/{contract_id}/plan",
    summary="Read a contract's instalments",
    responses=problem_responses(problems.ContractNotFound),
)
async def read_plan(work: Reading, contract_id: IdInPath) -> CreditPlanRead:
    """Those that have fallen due, and those to be expected if nothing more is used or paid."""
    return await positions.plan(work.session, contract_id)


@contract_router.post(
    "/contracts/{contract_id}/approval",
    status_code=201,
    summary="Approve credit",
    responses=problem_responses(problems.ContractNotFound, AlreadyDecided, OwnAct, problems.PackageNotSold),
)
async def approve_contract(
    work: Deciding, contract_id: IdInPath, _decision: CreditDecision
) -> CreditContractRead:
    """A member's goes to the credit purse at the switch; a guest's is in force at once."""
    return await contracts.approve(work.session, work.caller, contract_id)


@contract_router.post(
    "/contracts/{contract_id}/rejection",
    status_code=201,
    summary="Reject credit",
    responses=problem_responses(problems.ContractNotFound, AlreadyDecided, OwnAct),
)
async def reject_contract(
    work: Deciding, contract_id: IdInPath, _decision: CreditDecision
) -> CreditContractRead:
    """Turn it down."""
    return await contracts.reject(work.session, work.caller, contract_id)


@contract_router.post(
    "/contracts/{contract_id}/cancellation",
    status_code=201,
    summary="Cancel a wish for credit",
    responses=problem_responses(problems.ContractNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_contract(work: Writing, contract_id: IdInPath) -> CreditContractRead:
    """Take back what you asked for and nobody has decided."""
    return await contracts.cancel(work.session, work.caller, contract_id)


@contract_router.post(
    "/contracts/{contract_id}/giving",
    status_code=201,
    summary="Give credit again",
    responses=problem_responses(problems.ContractNotFound, problems.ContractNotInThisState),
)
async def give_contract(work: Writing, contract_id: IdInPath) -> CreditContractRead:
    """For one that is `failed`: the switch refused its credit, and is asked again."""
    return await contracts.give_again(work.session, contract_id)


@contract_router.post(
    "/contracts/{contract_id}/uses",
    status_code=201,
    summary="Tell what a guest used",
    responses=problem_responses(
        problems.ContractNotFound,
        problems.ContractNotInThisState,
        problems.TooLittleOpen,
        problems.ReferenceUsed,
    ),
)
async def use_contract(work: Writing, contract_id: IdInPath, wanted: CreditUseCreate) -> CreditContractRead:
    """Guests have no purse: the broker tells what they use, or give back, once for each reference."""
    return await contracts.use(work.session, contract_id, wanted)
