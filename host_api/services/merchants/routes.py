"""Endpoints of merchants and branches."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.guilds.logic import GuildNotFound
from host_api.services.merchants import access, branch_changes, logic
from host_api.services.merchants.branch_schemas import BranchCreate, BranchRead, BranchUpdate
from host_api.services.merchants.listing import BranchQuery, MerchantQuery
from host_api.services.merchants.schemas import (
    MerchantCreate,
    MerchantPrivateRead,
    MerchantRead,
    MerchantUpdate,
)

router = APIRouter(tags=["merchants"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "/merchants",
    status_code=201,
    summary="Register a merchant",
    responses=problem_responses(logic.MerchantIdTaken, GuildNotFound),
)
async def create_merchant(work: Writing, response: Response, wanted: MerchantCreate) -> MerchantRead:
    """Store a business that accepts the club's cards."""
    merchant = await logic.create_merchant(work.session, work.cipher, wanted)
    response.headers["ETag"] = etag(merchant)
    return logic.shown_merchant(merchant)


@router.get("/merchants", summary="List merchants")
async def list_merchants(work: Reading, query: Annotated[MerchantQuery, Query()]) -> Page[MerchantRead]:
    """Merchants in the order of registration, or by name; filters find those of a guild or sector."""
    return await logic.read_merchant_page(work.session, query)


@router.get("/merchants/{id}", summary="Read a merchant", responses=problem_responses(logic.MerchantNotFound))
async def read_merchant(work: Reading, response: Response, id: IdInPath) -> MerchantRead:  # noqa: A002
    """One merchant by id, with the `ETag` that a change needs."""
    merchant = await logic.find_merchant(work.session, id)
    response.headers["ETag"] = etag(merchant)
    return logic.shown_merchant(merchant)


@router.patch(
    "/merchants/{id}",
    summary="Change, suspend or close a merchant",
    responses=problem_responses(
        logic.MerchantNotFound, logic.MerchantClosed, ChangedMeanwhile, GuildNotFound
    ),
)
async def change_merchant(
    work: Writing,
    response: Response,
    id: IdInPath,  # noqa: A002
    if_match: IfMatch,
    wanted: MerchantUpdate,
) -> MerchantRead:
    """Change a merchant. Status, guild and sector go to the switch with the records of all its terminals.

    The switch refuses whatever comes from the terminals of a merchant that is suspended or closed. Closing
    is for good.
    """
    merchant = await logic.change_merchant(work.session, work.cipher, id, if_match, wanted)
    response.headers["ETag"] = etag(merchant)
    return logic.shown_merchant(merchant)


@router.get(
    "/merchants/{id}/private-data",
    summary="Read what is kept sealed of a merchant",
    responses=problem_responses(logic.MerchantNotFound),
)
async def read_private_data(
    work: Annotated[ReadWork, reads(access.WRITE)],
    response: Response,
    id: IdInPath,  # noqa: A002
) -> MerchantPrivateRead:
    """The account to which the merchant is paid, and whom to call there; for callers who may change it."""
    response.headers["Cache-Control"] = "no-store"
    return await logic.read_private(work.session, work.cipher, id)


@router.post(
    "/merchants/{id}/branches",
    status_code=201,
    summary="Open a branch",
    responses=problem_responses(
        logic.MerchantNotFound, logic.MerchantClosed, branch_changes.BranchNumbersUsedUp
    ),
)
async def create_branch(
    work: Writing,
    response: Response,
    id: IdInPath,  # noqa: A002
    wanted: BranchCreate,
) -> BranchRead:
    """Store a branch of the merchant under its next branch number."""
    branch = await branch_changes.create_branch(work.session, id, wanted)
    response.headers["ETag"] = etag(branch)
    return logic.shown_branch(branch)


@router.get("/branches", summary="List branches")
async def list_branches(work: Reading, query: Annotated[BranchQuery, Query()]) -> Page[BranchRead]:
    """Branches in the order of opening, or by name."""
    return await logic.read_branch_page(work.session, query)


@router.get("/branches/{id}", summary="Read a branch", responses=problem_responses(logic.BranchNotFound))
async def read_branch(work: Reading, response: Response, id: IdInPath) -> BranchRead:  # noqa: A002
    """One branch by id, with the `ETag` that a change needs."""
    branch = await logic.find_branch(work.session, id)
    response.headers["ETag"] = etag(branch)
    return logic.shown_branch(branch)


@router.patch(
    "/branches/{id}",
    summary="Change, move or close a branch",
    responses=problem_responses(logic.BranchNotFound, branch_changes.BranchClosed, ChangedMeanwhile),
)
async def change_branch(
    work: Writing,
    response: Response,
    id: IdInPath,  # noqa: A002
    if_match: IfMatch,
    wanted: BranchUpdate,
) -> BranchRead:
    """Change a branch. City code and closing go to the switch with the records of its terminals.

    Closing is for good; terminals that go on elsewhere are moved to another branch.
    """
    branch = await branch_changes.change_branch(work.session, id, if_match, wanted)
    response.headers["ETag"] = etag(branch)
    return logic.shown_branch(branch)
