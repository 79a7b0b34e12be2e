"""Endpoints of sellers."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.merchants.logic import MerchantNotFound
from host_api.services.sellers import access, logic, movements, problems, statements
from host_api.services.sellers.listing import (
    SellerLineExportQuery,
    SellerLineQuery,
    SellerMovementQuery,
    SellerQuery,
    SellerSettlementQuery,
    SellerStatementQuery,
)
from host_api.services.sellers.schemas import (
    SellerApproval,
    SellerCreate,
    SellerLineRead,
    SellerMovementRead,
    SellerRead,
    SellerSettlementCreate,
    SellerSettlementRead,
    SellerStatement,
    SellerUpdate,
)
from host_api.services.sellers.states import SellerSettlementState

router = APIRouter(prefix="/sellers", tags=["sellers"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]

_COLUMNS: Final = (
    ("id", "Line", "ردیف"),
    ("seller_id", "Seller", "فروشنده"),
    ("kind", "Kind", "نوع"),
    ("service", "Service", "سرویس"),
    ("reference", "Reference", "شمارهٔ ارجاع"),
    ("rials", "Rials", "ریال"),
    ("owed_after_rials", "Owed after", "مانده"),
    ("at", "Time", "زمان"),
)
add_export(
    router,
    list_export("lines", SellerLineExportQuery, _COLUMNS, statements.read_lines_after),
    SellerLineExportQuery,
    access.READ,
)


@router.post(
    "",
    status_code=201,
    summary="Ask to sell",
    responses=problem_responses(
        MemberNotFound, MerchantNotFound, problems.SellerMemberNotActive, problems.SellerExists
    ),
)
async def ask_to_sell(work: Acting, response: Response, wanted: SellerCreate) -> SellerRead:
    """In the name of a member or a merchant; a second person of the club decides. Again after a rejection."""
    row = await logic.apply(work.session, work.caller, wanted)
    response.headers["ETag"] = etag(row)
    return await logic.shown(work.session, row)


@router.get("", summary="List sellers")
async def list_sellers(work: Reading, query: Annotated[SellerQuery, Query()]) -> Page[SellerRead]:
    """In the order they asked."""
    return await logic.read_page(work.session, query)


@router.get("/lines", summary="List lines of sellers' accounts")
async def list_seller_lines(
    work: Reading, query: Annotated[SellerLineQuery, Query()]
) -> Page[SellerLineRead]:
    """Payments, commission, bonuses, notices and settlements; plus is owed by the seller."""
    return await statements.read_lines(work.session, query)


@router.get("/movements", summary="List units moved for sellers")
async def list_seller_movements(
    work: Reading, query: Annotated[SellerMovementQuery, Query()]
) -> Page[SellerMovementRead]:
    """The latest first; `state=unreturned`, and a bonus that is `refused`, want a person."""
    return await movements.read_page(work.session, query)


@router.post(
    "/movements/{movement_id}/retry",
    status_code=201,
    summary="Ask the switch again",
    responses=problem_responses(problems.SellerMovementNotFound, problems.SellerMovementNotFailed),
)
async def retry_seller_movement(work: Writing, movement_id: IdInPath) -> SellerMovementRead:
    """For a bonus, or the return of a payment, that the switch refused."""
    row, _ = await movements.retry(work.session, work.caller, movement_id)
    return SellerMovementRead.model_validate(row)


@router.post(
    "/settlements",
    status_code=201,
    summary="Tell that a seller's account was settled",
    responses=problem_responses(problems.SellerNotFound),
)
async def ask_seller_settlement(work: Writing, wanted: SellerSettlementCreate) -> SellerSettlementRead:
    """Money that was paid at a bank, either way; a second person confirms it."""
    return await statements.ask_settlement(work.session, work.caller, wanted)


@router.get("/settlements", summary="List settlements with sellers")
async def list_seller_settlements(
    work: Reading, query: Annotated[SellerSettlementQuery, Query()]
) -> Page[SellerSettlementRead]:
    """The latest first."""
    return await statements.read_settlements(work.session, query)


@router.post(
    "/settlements/{settlement_id}/approval",
    summary="Confirm a settlement with a seller",
    responses=problem_responses(problems.SellerSettlementNotFound, AlreadyDecided, OwnAct),
)
async def approve_seller_settlement(work: Deciding, settlement_id: IdInPath) -> SellerSettlementRead:
    """As the second person; it is in the account then."""
    return await statements.decide_settlement(
        work.session, work.caller, settlement_id, SellerSettlementState.APPROVED
    )


@router.post(
    "/settlements/{settlement_id}/rejection",
    summary="Reject a settlement with a seller",
    responses=problem_responses(problems.SellerSettlementNotFound, AlreadyDecided, OwnAct),
)
async def reject_seller_settlement(work: Deciding, settlement_id: IdInPath) -> SellerSettlementRead:
    """As the second person; the account stays."""
    return await statements.decide_settlement(
        work.session, work.caller, settlement_id, SellerSettlementState.REJECTED
    )


@router.get("/{seller_id}", summary="Read a seller", responses=problem_responses(problems.SellerNotFound))
async def read_seller(work: Reading, response: Response, seller_id: IdInPath) -> SellerRead:
    """One seller by id, with the `ETag` that a change needs."""
    row = await logic.find(work.session, seller_id)
    response.headers["ETag"] = etag(row)
    return await logic.shown(work.session, row)


@router.patch(
    "/{seller_id}",
    summary="Change a seller's terms",
    responses=problem_responses(problems.SellerNotFound, problems.SellerNotActive, ChangedMeanwhile),
)
async def change_seller(
    work: Deciding, response: Response, seller_id: IdInPath, if_match: IfMatch, wanted: SellerUpdate
) -> SellerRead:
    """Limit, worth of a point, commission, or whether it may sell; orders keep the terms of their moment."""
    row = await logic.change(work.session, seller_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return await logic.shown(work.session, row)


@router.post(
    "/{seller_id}/approval",
    summary="Let somebody sell",
    responses=problem_responses(problems.SellerNotFound, AlreadyDecided, OwnAct),
)
async def approve_seller(work: Deciding, seller_id: IdInPath, wanted: SellerApproval) -> SellerRead:
    """As the second person, with the terms."""
    row = await logic.approve(work.session, work.caller, seller_id, wanted)
    return await logic.shown(work.session, row)


@router.post(
    "/{seller_id}/rejection",
    summary="Don't let somebody sell",
    responses=problem_responses(problems.SellerNotFound, AlreadyDecided, OwnAct),
)
async def reject_seller(work: Deciding, seller_id: IdInPath) -> SellerRead:
    """As the second person; they may ask again."""
    row = await logic.reject(work.session, work.caller, seller_id)
    return await logic.shown(work.session, row)


@router.get(
    "/{seller_id}/statement",
    summary="Read a seller's statement",
    responses=problem_responses(problems.SellerNotFound, problems.SellerStatementPeriod),
)
async def read_seller_statement(
    work: Reading, seller_id: IdInPath, query: Annotated[SellerStatementQuery, Query()]
) -> SellerStatement:
    """What was owed before the days `from` to `to`, the sums of their lines, and what is owed after."""
    return await statements.read(work.session, seller_id, query)
