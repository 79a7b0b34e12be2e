"""Endpoints of the guests service."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.guests import access, logic, problems
from host_api.services.guests.listing import GuestQuery, VisitQuery
from host_api.services.guests.schemas import (
    GuestConversion,
    GuestCreate,
    GuestMerging,
    GuestRead,
    GuestUpdate,
    VisitCreate,
    VisitRead,
)

router = APIRouter(prefix="/guests", tags=["guests"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "", status_code=201, summary="Keep a guest", responses=problem_responses(problems.GuestIdentityUnfit)
)
async def create_guest(work: Writing, response: Response, wanted: GuestCreate) -> GuestRead:
    """Store a person or organisation outside the club; contact and identities are sealed."""
    guest = await logic.create(work.session, work.cipher, wanted)
    response.headers["ETag"] = etag(guest)
    return logic.shown(work.cipher, guest)


@router.get("", summary="List guests")
async def list_guests(work: Reading, query: Annotated[GuestQuery, Query()]) -> Page[GuestRead]:
    """Guests by the beginning of their name, by number, or all; without those merged into others."""
    return await logic.read_page(work.session, work.cipher, query)


@router.get("/{guest_id}", summary="Read a guest", responses=problem_responses(problems.GuestNotFound))
async def read_guest(work: Reading, response: Response, guest_id: IdInPath) -> GuestRead:
    """One guest by id, with the `ETag` that a change needs; `merged_into` tells where it went."""
    guest = await logic.find(work.session, guest_id)
    response.headers["ETag"] = etag(guest)
    return logic.shown(work.cipher, guest)


@router.patch(
    "/{guest_id}",
    summary="Change a guest",
    responses=problem_responses(
        problems.GuestNotFound, problems.GuestIsMerged, problems.GuestIdentityUnfit, ChangedMeanwhile
    ),
)
async def change_guest(
    work: Writing, response: Response, guest_id: IdInPath, if_match: IfMatch, wanted: GuestUpdate
) -> GuestRead:
    """Change what is given; null empties a field."""
    guest = await logic.change(work.session, work.cipher, guest_id, if_match, wanted)
    response.headers["ETag"] = etag(guest)
    return logic.shown(work.cipher, guest)


@router.post(
    "/{guest_id}/visits",
    status_code=201,
    summary="Note a visit",
    responses=problem_responses(problems.GuestNotFound, problems.GuestIsMerged),
)
async def note_visit(work: Writing, guest_id: IdInPath, wanted: VisitCreate) -> VisitRead:
    """Keep that a guest was there, when and where."""
    return await logic.note_visit(work.session, work.cipher, guest_id, wanted)


@router.get(
    "/{guest_id}/visits",
    summary="List visits",
    responses=problem_responses(problems.GuestNotFound),
)
async def list_visits(
    work: Reading, guest_id: IdInPath, query: Annotated[VisitQuery, Query()]
) -> Page[VisitRead]:
    """A guest's visits, the latest first."""
    return await logic.read_visits(work.session, work.cipher, guest_id, query)


@router.post(
    "/{guest_id}/conversion",
    status_code=201,
    summary="Make a guest a member",
    responses=problem_responses(
        problems.GuestNotFound,
        problems.GuestIsMerged,
        problems.OrganisationCantJoin,
        problems.GuestNotPermitted,
    ),
)
async def convert_guest(work: Writing, guest_id: IdInPath, wanted: GuestConversion) -> GuestRead:
    """Enrol the guest; `member_id` keeps the link. Asked again it gives the same member."""
    return logic.shown(work.cipher, await logic.convert(work.session, work.cipher, guest_id, wanted))


@router.post(
    "/{guest_id}/merging",
    status_code=201,
    summary="Merge two records of a guest",
    responses=problem_responses(
        problems.GuestNotFound, problems.GuestIsMerged, problems.SameGuest, problems.GuestsNotAlike
    ),
)
async def merge_guests(work: Writing, guest_id: IdInPath, wanted: GuestMerging) -> GuestRead:
    """Let another record go into this one: visits come over, what is missing here is taken from there."""
    return logic.shown(work.cipher, await logic.merge(work.session, work.cipher, guest_id, wanted.other_id))
