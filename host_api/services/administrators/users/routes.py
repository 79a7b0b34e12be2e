"""Endpoints of users."""

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
from host_api.services.administrators.users import logic
from host_api.services.administrators.users.listing import UserQuery
from host_api.services.administrators.users.schemas import (
    PasswordReset,
    UserCreate,
    UserIssued,
    UserRead,
    UsersCreate,
    UsersIssued,
    UserUpdate,
)

router = APIRouter(prefix="/users", tags=["users"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.USERS_READ)]
Writing = Annotated[WriteWork, writes(access.USERS_WRITE)]


@router.post(
    "",
    status_code=201,
    summary="Add a user",
    responses=problem_responses(logic.RoleUnknown, logic.UsernameTaken, BeyondYourPermissions),
)
async def create_user(work: Writing, response: Response, wanted: UserCreate) -> UserIssued:
    """Store a user with a first password, which only this answer shows; the user chooses another with it."""
    response.headers["Cache-Control"] = "no-store"
    return await logic.create(work.session, work.caller, wanted)


@router.post(
    "/bulk",
    status_code=201,
    summary="Add many users",
    responses=problem_responses(logic.UsernameTaken),
)
async def create_users(work: Writing, response: Response, wanted: UsersCreate) -> UsersIssued:
    """Store up to 500 users, or none: then `errors` names each row not accepted, as `users.0.role_id`."""
    response.headers["Cache-Control"] = "no-store"
    return UsersIssued(items=await logic.create_many(work.session, work.caller, wanted.users))


@router.get("", summary="List users")
async def list_users(work: Reading, query: Annotated[UserQuery, Query()]) -> Page[UserRead]:
    """Users by id or name; filters find those of a role, the blocked, and who has long not logged in."""
    return await logic.read_page(work.session, query)


@router.get("/{user_id}", summary="Read a user", responses=problem_responses(logic.UserNotFound))
async def read_user(work: Reading, response: Response, user_id: IdInPath) -> UserRead:
    """One user by id, with the `ETag` that a change needs."""
    user, shown = await logic.read(work.session, user_id)
    response.headers["ETag"] = etag(user)
    return shown


@router.patch(
    "/{user_id}",
    summary="Change or block a user",
    responses=problem_responses(
        logic.UserNotFound, logic.RoleUnknown, BeyondYourPermissions, LastOwner, ChangedMeanwhile
    ),
)
async def change_user(
    work: Writing, response: Response, user_id: IdInPath, if_match: IfMatch, wanted: UserUpdate
) -> UserRead:
    """Change name, role or status. Blocking ends all logins; the last active owner can't be blocked."""
    user, shown = await logic.change(work.session, work.caller, user_id, if_match, wanted)
    response.headers["ETag"] = etag(user)
    return shown


@router.post(
    "/{user_id}/password-reset",
    summary="Reset a password",
    responses=problem_responses(logic.UserNotFound, BeyondYourPermissions),
)
async def reset_password(
    work: Writing, response: Response, user_id: IdInPath, wanted: PasswordReset
) -> UserIssued:
    """Give a user a first password again; the old password and all logins end, and so does a lock-out."""
    response.headers["Cache-Control"] = "no-store"
    return await logic.reset_password(work.session, work.caller, user_id, wanted)
