"""Endpoints of interests."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members import access
from host_api.services.members.interests import logic
from host_api.services.members.interests.schemas import (
    InterestCreate,
    InterestQuery,
    InterestRead,
    InterestUpdate,
)

router = APIRouter(prefix="/member-interests", tags=["members"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "", status_code=201, summary="Add an interest", responses=problem_responses(logic.InterestCodeTaken)
)
async def create_interest(work: Writing, response: Response, wanted: InterestCreate) -> InterestRead:
    """Store a tag that members can have."""
    interest = await logic.create(work.session, wanted)
    response.headers["ETag"] = etag(interest)
    return logic.shown(interest)


@router.get("", summary="List interests")
async def list_interests(work: Reading, query: Annotated[InterestQuery, Query()]) -> Page[InterestRead]:
    """Tags of the club's own."""
    return await logic.read_page(work.session, query)


@router.get("/{interest_id}", summary="Read an interest", responses=problem_responses(logic.InterestNotFound))
async def read_interest(work: Reading, response: Response, interest_id: IdInPath) -> InterestRead:
    """One tag by id, with the `ETag` that a change needs."""
    interest = await logic.find(work.session, interest_id)
    response.headers["ETag"] = etag(interest)
    return logic.shown(interest)


@router.patch(
    "/{interest_id}",
    summary="Change an interest",
    responses=problem_responses(logic.InterestNotFound, ChangedMeanwhile),
)
async def change_interest(
    work: Writing, response: Response, interest_id: IdInPath, if_match: IfMatch, wanted: InterestUpdate
) -> InterestRead:
    """Change titles, or no longer offer it: whoever has it keeps it."""
    interest = await logic.change(work.session, interest_id, if_match, wanted)
    response.headers["ETag"] = etag(interest)
    return logic.shown(interest)
