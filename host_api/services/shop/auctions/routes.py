"""Endpoints of auctions."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.shop import access
from host_api.services.shop.auctions import bidding, logic, problems
from host_api.services.shop.auctions.listing import AuctionQuery, BidQuery
from host_api.services.shop.auctions.schemas import (
    AuctionCancel,
    AuctionCreate,
    AuctionRead,
    BidCreate,
    BidRead,
)
from host_api.services.shop.catalogue.problems import ItemNotFound, SoldOut

router = APIRouter(tags=["shop auctions"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Looking = Annotated[ReadWork, reads(access.ACT)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]


@router.post(
    "/shop/auctions",
    status_code=201,
    summary="Make an auction",
    responses=problem_responses(ItemNotFound, problems.NotForAuction, problems.AuctionTimesDisagree, SoldOut),
)
async def create_auction(work: Writing, wanted: AuctionCreate) -> AuctionRead:
    """Offer one piece of an item to the highest bid. The piece is taken out of the stock."""
    return await logic.create(work.session, wanted, work.caller, utc_now())


@router.get("/shop/auctions", summary="List auctions")
async def list_auctions(work: Looking, query: Annotated[AuctionQuery, Query()]) -> Page[AuctionRead]:
    """Auctions with the highest bid of each, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/shop/auctions/{auction_id}",
    summary="Read an auction",
    responses=problem_responses(problems.AuctionNotFound),
)
async def read_auction(work: Looking, auction_id: IdInPath) -> AuctionRead:
    """One auction by id."""
    return logic.shown(await logic.find(work.session, auction_id), utc_now())


@router.post(
    "/shop/auctions/{auction_id}/cancellation",
    status_code=201,
    summary="Cancel an auction",
    responses=problem_responses(problems.AuctionNotFound, problems.AuctionEnded),
)
async def cancel_auction(work: Writing, auction_id: IdInPath, wanted: AuctionCancel) -> AuctionRead:
    """Give an auction up that is not settled; all that was bid goes back."""
    return await logic.cancel(work.session, auction_id, wanted.reason, work.caller)


@router.post(
    "/shop/auctions/{auction_id}/bids",
    status_code=201,
    summary="Bid",
    response_model=BidRead,
    responses={
        **pending_response(BidRead),
        **problem_responses(
            MemberNotFound,
            problems.AuctionNotFound,
            problems.AuctionNotOpen,
            problems.NotAdmittedToBid,
            problems.BidUndecided,
            problems.BidTooLow,
        ),
    },
)
async def create_bid(
    request: Request, work: Acting, auction_id: IdInPath, wanted: BidCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Bid in a member's name. The points are set aside at once, and go back when somebody bids more. 201
    tells what became of it: `leading`, `returning` (another was faster) or `refused` (`response_code` 51)."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    asked, request_id = await bidding.bid(work.session, auction_id, wanted, work.caller)

    async def final() -> BidRead | None:
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await bidding.read(session, asked.id)

    return AwaitedAnswer(asked, location=f"/v1/shop/bids/{asked.id}", final=final)


@router.get("/shop/bids", summary="List bids")
async def list_bids(work: Reading, query: Annotated[BidQuery, Query()]) -> Page[BidRead]:
    """Bids of all auctions, the latest first."""
    return await bidding.read_page(work.session, query)


@router.get("/shop/bids/{bid_id}", summary="Read a bid", responses=problem_responses(problems.BidNotFound))
async def read_bid(work: Looking, bid_id: IdInPath) -> BidRead:
    """One bid by id."""
    return await bidding.read(work.session, bid_id)


@router.post(
    "/shop/bids/{bid_id}/return",
    status_code=201,
    summary="Give a bid back again",
    responses=problem_responses(problems.BidNotFound, problems.BidNotUnreturned),
)
async def return_bid(work: Writing, bid_id: IdInPath) -> BidRead:
    """Ask the switch once more for a return that it refused."""
    return await bidding.retry(work.session, bid_id, work.caller)
