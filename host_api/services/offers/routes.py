"""Endpoints of offers, as the back office works with them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.offers import access, claims, logic, problems
from host_api.services.offers.listing import OfferedQuery, OfferQuery
from host_api.services.offers.schemas import OfferCreate, OfferedRead, OfferRead, OfferUpdate

router = APIRouter(prefix="/offers", tags=["offers"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]

_MOVED = problem_responses(problems.OfferNotFound, problems.OfferInOtherState)


@router.post("", status_code=201, summary="Add an offer")
async def create_offer(work: Writing, response: Response, wanted: OfferCreate) -> OfferRead:
    """Store a draft; nobody sees it before it is published."""
    offer = await logic.create(work.session, wanted, work.caller)
    response.headers["ETag"] = etag(offer)
    return await logic.shown(work.session, offer)


@router.get("", summary="List offers")
async def list_offers(work: Reading, query: Annotated[OfferQuery, Query()]) -> Page[OfferRead]:
    """Offers in every state, the latest first."""
    return await logic.read_page(work.session, query)


@router.get("/{offer_id}", summary="Read an offer", responses=problem_responses(problems.OfferNotFound))
async def read_offer(work: Reading, response: Response, offer_id: IdInPath) -> OfferRead:
    """One offer, with the `ETag` that a change needs."""
    offer = await logic.find(work.session, offer_id)
    response.headers["ETag"] = etag(offer)
    return await logic.shown(work.session, offer)


@router.patch(
    "/{offer_id}",
    summary="Change an offer",
    responses=problem_responses(problems.OfferNotFound, problems.OfferInOtherState, ChangedMeanwhile),
)
async def change_offer(
    work: Writing, response: Response, offer_id: IdInPath, if_match: IfMatch, wanted: OfferUpdate
) -> OfferRead:
    """Change texts, days, audience, stock or place; who has it already keeps it."""
    offer = await logic.change(work.session, offer_id, if_match, wanted)
    response.headers["ETag"] = etag(offer)
    return await logic.shown(work.session, offer)


@router.post(
    "/{offer_id}/publication",
    status_code=201,
    summary="Publish an offer",
    responses=problem_responses(problems.OfferNotFound, problems.OfferInOtherState, problems.OfferIncomplete),
)
async def publish_offer(work: Writing, offer_id: IdInPath) -> OfferRead:
    """Open it, also again after a pause; a job gives it out to all, by score or by draw."""
    return await logic.shown(
        work.session, await logic.publish(work.session, work.cipher, offer_id, work.caller)
    )


@router.post("/{offer_id}/pause", status_code=201, summary="Pause an offer", responses=_MOVED)
async def pause_offer(work: Writing, offer_id: IdInPath) -> OfferRead:
    """Nobody gets, claims or uses it until it is published again."""
    return await logic.shown(work.session, await logic.pause(work.session, offer_id))


@router.post("/{offer_id}/end", status_code=201, summary="End an offer", responses=_MOVED)
async def end_offer(work: Writing, offer_id: IdInPath) -> OfferRead:
    """End it for good; who has claimed a rule's group leaves it within a minute."""
    return await logic.shown(work.session, await logic.end(work.session, offer_id))


@router.get(
    "/{offer_id}/members",
    summary="List an offer's members",
    responses=problem_responses(problems.OfferNotFound),
)
async def list_offered(
    work: Reading, offer_id: IdInPath, query: Annotated[OfferedQuery, Query()]
) -> Page[OfferedRead]:
    """Who has it, and what they did with it."""
    return await claims.read_page(work.session, offer_id, query, utc_now())
