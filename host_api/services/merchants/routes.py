"""Endpoints of the merchants service."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.merchants import access, logic
from host_api.services.merchants.listing import BranchQuery, MerchantQuery
from host_api.services.merchants.schemas import BranchCreate, BranchRead, MerchantCreate, MerchantRead

router = APIRouter(tags=["merchants"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "/merchants",
    status_code=201,
    summary="Register a merchant",
    responses=problem_responses(logic.MerchantIdTaken),
)
async def create_merchant(work: Writing, wanted: MerchantCreate) -> MerchantRead:
    """Store a business that accepts the club's cards."""
    return await logic.create_merchant(work.session, wanted)


@router.get("/merchants", summary="List merchants")
async def list_merchants(work: Reading, query: Annotated[MerchantQuery, Query()]) -> Page[MerchantRead]:
    """Merchants in the order of registration, or by name."""
    return await logic.read_merchant_page(work.session, query)


@router.get("/merchants/{id}", summary="Read a merchant", responses=problem_responses(logic.MerchantNotFound))
async def read_merchant(work: Reading, id: IdInPath) -> MerchantRead:  # noqa: A002
    """One merchant by id."""
    return await logic.read_merchant(work.session, id)


@router.post(
    "/merchants/{id}/branches",
    status_code=201,
    summary="Open a branch",
    responses=problem_responses(logic.MerchantNotFound, logic.BranchNumbersUsedUp),
)
async def create_branch(
    work: Writing,
    id: IdInPath,  # noqa: A002
    wanted: BranchCreate,
) -> BranchRead:
    """Store a branch of the merchant under its next branch number."""
    return await logic.create_branch(work.session, id, wanted)


@router.get("/branches", summary="List branches")
async def list_branches(work: Reading, query: Annotated[BranchQuery, Query()]) -> Page[BranchRead]:
    """Branches in the order of opening, or by name."""
    return await logic.read_branch_page(work.session, query)
