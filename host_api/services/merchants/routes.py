"""Endpoints of the merchants service."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.pagination import Cursor, Limit, Page, position_of
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.sessions import ReadSessionDependency, WriteSessionDependency
from host_api.services.merchants import logic
from host_api.services.merchants.schemas import BranchCreate, BranchRead, MerchantCreate, MerchantRead

router = APIRouter(tags=["merchants"])


@router.post(
    "/merchants",
    status_code=201,
    summary="Register a merchant",
    responses=problem_responses(logic.MerchantIdTaken),
)
async def create_merchant(session: WriteSessionDependency, wanted: MerchantCreate) -> MerchantRead:
    """Store a business that accepts the club's cards."""
    return await logic.create_merchant(session, wanted)


@router.get("/merchants", summary="List merchants")
async def list_merchants(
    session: ReadSessionDependency, cursor: Cursor = None, limit: Limit = 50
) -> Page[MerchantRead]:
    """Merchants in the order of registration."""
    return await logic.read_merchant_page(session, after=position_of(cursor), limit=limit)


@router.get("/merchants/{id}", summary="Read a merchant", responses=problem_responses(logic.MerchantNotFound))
async def read_merchant(session: ReadSessionDependency, id: IdInPath) -> MerchantRead:  # noqa: A002
    """One merchant by id."""
    return await logic.read_merchant(session, id)


@router.post(
    "/merchants/{id}/branches",
    status_code=201,
    summary="Open a branch",
    responses=problem_responses(logic.MerchantNotFound, logic.BranchNumbersUsedUp),
)
async def create_branch(
    session: WriteSessionDependency,
    id: IdInPath,  # noqa: A002
    wanted: BranchCreate,
) -> BranchRead:
    """Store a branch of the merchant under its next branch number."""
    return await logic.create_branch(session, id, wanted)


@router.get("/branches", summary="List branches")
async def list_branches(
    session: ReadSessionDependency,
    merchant: Annotated[
        int | None, Query(ge=1, le=LARGEST_ID, description="Only branches of this merchant.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BranchRead]:
    """Branches in the order of opening."""
    return await logic.read_branch_page(
        session, merchant_key=merchant, after=position_of(cursor), limit=limit
    )
