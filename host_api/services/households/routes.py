"""Endpoints of the households service."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.households import access, logic
from host_api.services.households.listing import HouseholdQuery
from host_api.services.households.schemas import (
    HouseholdCreate,
    HouseholdRead,
    HouseholdUpdate,
    JoiningCreate,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/households", tags=["households"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "",
    status_code=201,
    summary="Make a household",
    responses=problem_responses(MemberNotFound, logic.MemberNotActive, logic.InAnotherHousehold),
)
async def create_household(work: Writing, response: Response, wanted: HouseholdCreate) -> HouseholdRead:
    """Put members together under a head; from then on the purses that the rules pool are the household's."""
    household = await logic.create(work.session, wanted)
    response.headers["ETag"] = etag(household)
    return await logic.shown(work.session, household)


@router.get("", summary="List households")
async def list_households(work: Reading, query: Annotated[HouseholdQuery, Query()]) -> Page[HouseholdRead]:
    """Households with who is in them now; `member_id` finds a member's."""
    return await logic.read_page(work.session, query)


@router.get(
    "/{household_id}", summary="Read a household", responses=problem_responses(logic.HouseholdNotFound)
)
async def read_household(work: Reading, response: Response, household_id: IdInPath) -> HouseholdRead:
    """One household by id, with the `ETag` that a change needs."""
    household = await logic.find(work.session, household_id)
    response.headers["ETag"] = etag(household)
    return await logic.shown(work.session, household)


@router.patch(
    "/{household_id}",
    summary="Change a household",
    responses=problem_responses(logic.HouseholdNotFound, logic.NotInHousehold, ChangedMeanwhile),
)
async def change_household(
    work: Writing, response: Response, household_id: IdInPath, if_match: IfMatch, wanted: HouseholdUpdate
) -> HouseholdRead:
    """Change the name, or make somebody else of the household its head."""
    household = await logic.change(work.session, household_id, if_match, wanted)
    response.headers["ETag"] = etag(household)
    return await logic.shown(work.session, household)


@router.post(
    "/{household_id}/members",
    status_code=201,
    summary="Join a household",
    responses=problem_responses(
        logic.HouseholdNotFound,
        MemberNotFound,
        logic.MemberNotActive,
        logic.InAnotherHousehold,
        logic.HouseholdDissolved,
        logic.HouseholdFull,
        logic.HeadMustBeReplaced,
    ),
)
async def join_household(work: Writing, household_id: IdInPath, wanted: JoiningCreate) -> HouseholdRead:
    """Take a member in. With `is_move` they leave the one where they are, and its units stay there."""
    return await logic.shown(work.session, await logic.join(work.session, household_id, wanted))


@router.delete(
    "/{household_id}/members/{member_id}",
    summary="Leave a household",
    responses=problem_responses(logic.HouseholdNotFound, logic.NotInHousehold, logic.HeadMustBeReplaced),
)
async def leave_household(work: Writing, household_id: IdInPath, member_id: IdInPath) -> HouseholdRead:
    """Let a member go. Pooled units stay with the household; the last one to leave dissolves it."""
    return await logic.shown(work.session, await logic.leave(work.session, household_id, member_id))
