"""Endpoints of roles."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.administrators import access
from host_api.services.administrators.limits_of_power import BeyondYourPermissions, LastOwner
from host_api.services.administrators.roles import logic
from host_api.services.administrators.roles.schemas import RoleCreate, RoleQuery, RoleRead, RoleUpdate

router = APIRouter(prefix="/roles", tags=["roles"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.ROLES_READ)]
Writing = Annotated[WriteWork, writes(access.ROLES_WRITE)]


@router.post(
    "",
    status_code=201,
    summary="Add a role",
    responses=problem_responses(logic.RoleNameTaken, BeyondYourPermissions),
)
async def create_role(work: Writing, response: Response, wanted: RoleCreate) -> RoleRead:
    """Store a set of permissions, none of which the caller lacks."""
    role = await logic.create(work.session, work.caller, wanted)
    response.headers["ETag"] = etag(role)
    return logic.shown(role)


@router.get("", summary="List roles")
async def list_roles(work: Reading, query: Annotated[RoleQuery, Query()]) -> Page[RoleRead]:
    """Roles by id or name."""
    return await logic.read_page(work.session, query)


@router.get("/{role_id}", summary="Read a role", responses=problem_responses(logic.RoleNotFound))
async def read_role(work: Reading, response: Response, role_id: IdInPath) -> RoleRead:
    """One role by id, with the `ETag` that a change needs."""
    role = await logic.find(work.session, role_id)
    response.headers["ETag"] = etag(role)
    return logic.shown(role)


@router.patch(
    "/{role_id}",
    summary="Change a role",
    responses=problem_responses(
        logic.RoleNotFound, logic.RoleNameTaken, BeyondYourPermissions, LastOwner, ChangedMeanwhile
    ),
)
async def change_role(
    work: Writing, response: Response, role_id: IdInPath, if_match: IfMatch, wanted: RoleUpdate
) -> RoleRead:
    """Change name or permissions; the users of the role have them from their next request on."""
    role = await logic.change(work.session, work.caller, role_id, if_match, wanted)
    response.headers["ETag"] = etag(role)
    return logic.shown(role)


@router.delete(
    "/{role_id}",
    status_code=204,
    summary="Delete a role",
    responses=problem_responses(logic.RoleNotFound, logic.RoleInUse, BeyondYourPermissions, ChangedMeanwhile),
)
async def delete_role(work: Writing, role_id: IdInPath, if_match: IfMatch) -> None:
    """Delete a role that no user has."""
    await logic.delete(work.session, work.caller, role_id, if_match)
