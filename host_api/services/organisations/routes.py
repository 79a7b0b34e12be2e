"""Endpoints of the organisations service."""

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
from host_api.services.organisations import access, logic
from host_api.services.organisations.listing import OrganisationQuery
from host_api.services.organisations.schemas import OrganisationCreate, OrganisationRead, OrganisationUpdate

router = APIRouter(prefix="/organisations", tags=["organisations"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
_NOT_FOUND = problem_responses(logic.OrganisationNotFound)


@router.post(
    "",
    status_code=201,
    summary="Add an organisation",
    responses=problem_responses(logic.OrganisationCodeTaken, logic.ContractTurnedRound),
)
async def create_organisation(
    work: Writing, response: Response, wanted: OrganisationCreate
) -> OrganisationRead:
    """Store a body whose people are members; the contact is kept sealed."""
    organisation = await logic.create(work.session, work.cipher, wanted)
    response.headers["ETag"] = etag(organisation)
    return await logic.shown(work.session, work.cipher, organisation)


@router.get("", summary="List organisations")
async def list_organisations(
    work: Reading, query: Annotated[OrganisationQuery, Query()]
) -> Page[OrganisationRead]:
    """Organisations in the order they were added, or by code."""
    return await logic.read_page(work.session, work.cipher, query)


@router.get("/{organisation_id}", summary="Read an organisation", responses=_NOT_FOUND)
async def read_organisation(work: Reading, response: Response, organisation_id: IdInPath) -> OrganisationRead:
    """One organisation by id, with the `ETag` that a change needs."""
    organisation = await logic.find(work.session, organisation_id)
    response.headers["ETag"] = etag(organisation)
    return await logic.shown(work.session, work.cipher, organisation)


@router.patch(
    "/{organisation_id}",
    summary="Change an organisation",
    responses=problem_responses(logic.OrganisationNotFound, logic.ContractTurnedRound, ChangedMeanwhile),
)
async def change_organisation(
    work: Writing,
    response: Response,
    organisation_id: IdInPath,
    if_match: IfMatch,
    wanted: OrganisationUpdate,
) -> OrganisationRead:
    """Change what is given; the code stays."""
    organisation = await logic.change(work.session, work.cipher, organisation_id, if_match, wanted)
    response.headers["ETag"] = etag(organisation)
    return await logic.shown(work.session, work.cipher, organisation)


@router.delete(
    "/{organisation_id}",
    status_code=204,
    summary="Delete an organisation",
    responses=problem_responses(logic.OrganisationNotFound, logic.OrganisationInUse, ChangedMeanwhile),
)
async def delete_organisation(work: Writing, organisation_id: IdInPath, if_match: IfMatch) -> None:
    """Delete an organisation that nobody belongs to."""
    await logic.delete(work.session, organisation_id, if_match)


@router.get("/{organisation_id}/members", summary="List an organisation's members", responses=_NOT_FOUND)
async def list_organisation_members(
    work: Reading, organisation_id: IdInPath, query: Annotated[BelongingQuery, Query()]
) -> Page[BelongingMember]:
    """Who belongs to it, by member number."""
    return await logic.read_members(work.session, organisation_id, query)


@router.post(
    "/{organisation_id}/members",
    summary="Put members into an organisation",
    responses=problem_responses(logic.OrganisationNotFound, logic.ContractOver),
)
async def add_organisation_members(
    work: Writing, organisation_id: IdInPath, wanted: MembersChosen
) -> MembersChanged:
    """Up to 500 members by number; they leave the organisation they were in before."""
    return await logic.add_members(work.session, organisation_id, wanted.member_ids)


@router.post(
    "/{organisation_id}/members/removal",
    summary="Take members out of an organisation",
    responses=_NOT_FOUND,
)
async def remove_organisation_members(
    work: Writing, organisation_id: IdInPath, wanted: MembersChosen
) -> MembersChanged:
    """Up to 500 members by number; who belongs to another one stays there."""
    return await logic.remove_members(work.session, organisation_id, wanted.member_ids)
