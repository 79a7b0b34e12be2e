"""Endpoints of the sub-clubs service."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.belonging import BelongingMember, BelongingQuery
from host_api.services.members.selection import MembersChanged, MembersChosen
from host_api.services.sub_clubs import access, logic
from host_api.services.sub_clubs.listing import SubClubQuery
from host_api.services.sub_clubs.schemas import SubClubCreate, SubClubRead, SubClubUpdate, TemplateCreate

router = APIRouter(prefix="/sub-clubs", tags=["sub-clubs"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
_NOT_FOUND = problem_responses(logic.SubClubNotFound)


@router.post(
    "", status_code=201, summary="Add a sub-club", responses=problem_responses(logic.SubClubCodeTaken)
)
async def create_sub_club(work: Writing, response: Response, wanted: SubClubCreate) -> SubClubRead:
    """Store a club within the club."""
    sub_club = await logic.create(work.session, wanted)
    response.headers["ETag"] = etag(sub_club)
    return await logic.shown(work.session, sub_club)


@router.post(
    "/from-template",
    status_code=201,
    summary="Add the sub-clubs of a template",
    responses=problem_responses(logic.SubClubCodeTaken),
)
async def create_from_template(work: Writing, wanted: TemplateCreate) -> list[SubClubRead]:
    """Customers, representatives and staff; students, teachers and representatives; or a union's members.

    Those whose code is there already are left as they are.
    """
    return await logic.create_from(work.session, wanted.template)


@router.get("", summary="List sub-clubs")
async def list_sub_clubs(work: Reading, query: Annotated[SubClubQuery, Query()]) -> Page[SubClubRead]:
    """Sub-clubs in the order they were added, or by code."""
    return await logic.read_page(work.session, query)


@router.get("/{sub_club_id}", summary="Read a sub-club", responses=_NOT_FOUND)
async def read_sub_club(work: Reading, response: Response, sub_club_id: IdInPath) -> SubClubRead:
    """One sub-club by id, with the `ETag` that a change needs."""
    sub_club = await logic.find(work.session, sub_club_id)
    response.headers["ETag"] = etag(sub_club)
    return await logic.shown(work.session, sub_club)


@router.patch(
    "/{sub_club_id}",
    summary="Change a sub-club",
    responses=problem_responses(logic.SubClubNotFound, ChangedMeanwhile),
)
async def change_sub_club(
    work: Writing, response: Response, sub_club_id: IdInPath, if_match: IfMatch, wanted: SubClubUpdate
) -> SubClubRead:
    """Change what is given; the code stays."""
    sub_club = await logic.change(work.session, sub_club_id, if_match, wanted)
    response.headers["ETag"] = etag(sub_club)
    return await logic.shown(work.session, sub_club)


@router.delete(
    "/{sub_club_id}",
    status_code=204,
    summary="Delete a sub-club",
    responses=problem_responses(logic.SubClubNotFound, logic.SubClubInUse, ChangedMeanwhile),
)
async def delete_sub_club(work: Writing, sub_club_id: IdInPath, if_match: IfMatch) -> None:
    """Delete a sub-club that nobody belongs to."""
    await logic.delete(work.session, sub_club_id, if_match)


@router.get("/{sub_club_id}/members", summary="List a sub-club's members", responses=_NOT_FOUND)
async def list_sub_club_members(
    work: Reading, sub_club_id: IdInPath, query: Annotated[BelongingQuery, Query()]
) -> Page[BelongingMember]:
    """Who belongs to it, by member number."""
    return await logic.read_members(work.session, sub_club_id, query)


@router.post("/{sub_club_id}/members", summary="Put members into a sub-club", responses=_NOT_FOUND)
async def add_sub_club_members(work: Writing, sub_club_id: IdInPath, wanted: MembersChosen) -> MembersChanged:
    """Up to 500 members by number; they leave the sub-club they were in before."""
    return await logic.add_members(work.session, sub_club_id, wanted.member_ids)


@router.post("/{sub_club_id}/members/removal", summary="Take members out of a sub-club", responses=_NOT_FOUND)
async def remove_sub_club_members(
    work: Writing, sub_club_id: IdInPath, wanted: MembersChosen
) -> MembersChanged:
    """Up to 500 members by number; who belongs to another one stays there."""
    return await logic.remove_members(work.session, sub_club_id, wanted.member_ids)
