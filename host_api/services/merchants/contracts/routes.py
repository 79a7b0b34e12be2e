"""Endpoints of contracts."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.merchants import access
from host_api.services.merchants.contracts import logic
from host_api.services.merchants.contracts.listing import ContractQuery
from host_api.services.merchants.contracts.schemas import ContractCreate, ContractDecision, ContractRead
from host_api.services.merchants.logic import MerchantClosed, MerchantNotFound

router = APIRouter(tags=["contracts"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.CONTRACTS_READ)]
Writing = Annotated[WriteWork, writes(access.CONTRACTS_WRITE)]
Deciding = Annotated[WriteWork, writes(access.CONTRACTS_APPROVE)]

_DECIDED = (logic.ContractNotFound, AlreadyDecided, OwnAct)


@router.post(
    "/merchants/{id}/contracts",
    status_code=201,
    summary="Ask for a contract",
    responses=problem_responses(
        MerchantNotFound, MerchantClosed, logic.ContractBranchUnknown, logic.ContractFileUnknown
    ),
)
async def ask_contract(
    work: Writing,
    id: IdInPath,  # noqa: A002
    wanted: ContractCreate,
) -> ContractRead:
    """Keep the next version of a merchant's contract for another person to approve."""
    return await logic.ask(work.session, id, wanted, work.caller)


@router.get("/contracts", summary="List contracts")
async def list_contracts(work: Reading, query: Annotated[ContractQuery, Query()]) -> Page[ContractRead]:
    """Contracts, the latest first; `state=asked` lists what waits, `sort=ends_at` what ends next."""
    return await logic.read_page(work.session, query, utc_now())


@router.get("/contracts/{id}", summary="Read a contract", responses=problem_responses(logic.ContractNotFound))
async def read_contract(work: Reading, id: IdInPath) -> ContractRead:  # noqa: A002
    """One contract by id."""
    return await logic.read(work.session, id, utc_now())


@router.post(
    "/contracts/{id}/approval",
    summary="Approve a contract",
    responses=problem_responses(*_DECIDED, logic.ContractOver, logic.ContractsOverlap, MerchantClosed),
)
async def approve_contract(work: Deciding, id: IdInPath, wanted: ContractDecision) -> ContractRead:  # noqa: A002
    """Put a contract that another has asked for in force, from `valid_from` on.

    A contract that is still in force then ends there. Where another one is in force already it begins now at
    the earliest, and it must end before one that begins later.
    """
    return await logic.approve(work.session, id, work.caller, wanted.note, utc_now())


@router.post("/contracts/{id}/rejection", summary="Reject a contract", responses=problem_responses(*_DECIDED))
async def reject_contract(work: Deciding, id: IdInPath, wanted: ContractDecision) -> ContractRead:  # noqa: A002
    """Say no to a contract that another has asked for."""
    return await logic.reject(work.session, id, work.caller, wanted.note, utc_now())


@router.post(
    "/contracts/{id}/withdrawal",
    summary="Withdraw a contract",
    responses=problem_responses(logic.ContractNotFound, AlreadyDecided, ActOfAnother),
)
async def withdraw_contract(work: Writing, id: IdInPath) -> ContractRead:  # noqa: A002
    """Take one's own contract back before it is decided."""
    return await logic.withdraw(work.session, id, work.caller, utc_now())
