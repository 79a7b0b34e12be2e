"""Endpoints of the prizes service."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.discount_codes.problems import PoolNotFound
from host_api.services.members.logic import MemberNotFound
from host_api.services.prizes import access, logic, problems
from host_api.services.prizes.listing import AwardQuery, OwnAwardQuery, PrizeQuery
from host_api.services.prizes.schemas import AwardRead, PrizeCreate, PrizeRead, PrizeUpdate, StockChange
from host_api.services.prizes.showing import shown

router = APIRouter(tags=["prizes"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
ReadingOwn = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]


@router.post("/prizes", status_code=201, summary="Add a prize", responses=problem_responses(PoolNotFound))
async def create_prize(work: Writing, response: Response, wanted: PrizeCreate) -> PrizeRead:
    """Store a prize, which lotteries, wheels, contests and festivals then give."""
    prize = await logic.create(work.session, wanted)
    response.headers["ETag"] = etag(prize)
    return shown(prize)


@router.get("/prizes", summary="List prizes")
async def list_prizes(work: Reading, query: Annotated[PrizeQuery, Query()]) -> Page[PrizeRead]:
    """Prizes with what is left of them."""
    return await logic.read_page(work.session, query)


@router.get("/prizes/awards", summary="List awards")
async def list_awards(work: Reading, query: Annotated[AwardQuery, Query()]) -> Page[AwardRead]:
    """What members were given, the latest first; `state=failed` are those that the switch refused."""
    return await logic.read_awards(work.session, query)


@router.get(
    "/prizes/awards/{award_id}", summary="Read an award", responses=problem_responses(problems.AwardNotFound)
)
async def read_award(work: Reading, award_id: IdInPath) -> AwardRead:
    """One award by id."""
    return await logic.find_award(work.session, award_id)


@router.post(
    "/prizes/awards/{award_id}/handover",
    status_code=201,
    summary="Hand a prize over",
    responses=problem_responses(problems.AwardNotFound, problems.AwardNotWaiting),
)
async def hand_award_over(work: Acting, award_id: IdInPath) -> AwardRead:
    """The member has come for a thing and got it; once, and in its time."""
    return await logic.hand_over(work.session, award_id, work.caller)


@router.post(
    "/prizes/awards/{award_id}/retry",
    status_code=201,
    summary="Try an award again",
    responses=problem_responses(problems.AwardNotFound, problems.AwardNotWaiting, problems.PrizeGone),
)
async def retry_award(work: Writing, award_id: IdInPath) -> AwardRead:
    """Ask the switch once more for units that it refused."""
    return await logic.retry(work.session, award_id, work.caller)


@router.get("/prizes/{prize_id}", summary="Read a prize", responses=problem_responses(problems.PrizeNotFound))
async def read_prize(work: Reading, response: Response, prize_id: IdInPath) -> PrizeRead:
    """One prize by id, with the `ETag` that a change needs."""
    prize = await logic.find_row(work.session, prize_id)
    response.headers["ETag"] = etag(prize)
    return shown(prize)


@router.patch(
    "/prizes/{prize_id}",
    summary="Change a prize",
    responses=problem_responses(problems.PrizeNotFound, ChangedMeanwhile),
)
async def change_prize(
    work: Writing, response: Response, prize_id: IdInPath, if_match: IfMatch, wanted: PrizeUpdate
) -> PrizeRead:
    """Change what is given, or close the prize; what members get stays."""
    prize = await logic.change(work.session, prize_id, if_match, wanted)
    response.headers["ETag"] = etag(prize)
    return shown(prize)


@router.post(
    "/prizes/{prize_id}/stock",
    status_code=201,
    summary="Change a prize's stock",
    responses=problem_responses(problems.PrizeNotFound, problems.PrizeGone, problems.StockEndless),
)
async def change_prize_stock(work: Writing, prize_id: IdInPath, wanted: StockChange) -> PrizeRead:
    """Let pieces come or go; the stock never falls below zero."""
    return await logic.restock(work.session, prize_id, wanted.change)


@router.get(
    "/members/{member_id}/prizes",
    summary="List a member's prizes",
    responses=problem_responses(MemberNotFound),
)
async def list_own_awards(
    work: ReadingOwn, member_id: IdInPath, query: Annotated[OwnAwardQuery, Query()]
) -> Page[AwardRead]:
    """What a member was given, the latest first."""
    return await logic.read_own(work.session, member_id, query)
