"""Endpoints of credit users."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.member_classes import access
from host_api.services.member_classes.credit_users import logic
from host_api.services.member_classes.credit_users.listing import CreditUserQuery
from host_api.services.member_classes.credit_users.schemas import (
    CreditUserCreate,
    CreditUserRead,
    CreditUserUpdate,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/credit-users", tags=["credit users"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "",
    status_code=201,
    summary="Give a member credit",
    responses=problem_responses(MemberNotFound, logic.HasCredit, logic.ValidityUpsideDown),
)
async def create_credit_user(work: Writing, response: Response, wanted: CreditUserCreate) -> CreditUserRead:
    """Make a member a credit user, with a ceiling in rial and a validity."""
    row = await logic.create(work.session, work.cipher, wanted)
    response.headers["ETag"] = etag(row)
    return logic.shown(work.cipher, row)


@router.get("", summary="List credit users")
async def list_credit_users(
    work: Reading, query: Annotated[CreditUserQuery, Query()]
) -> Page[CreditUserRead]:
    """Credits, the latest first; `state=active` are those in force."""
    return await logic.read_page(work.session, work.cipher, query)


@router.get(
    "/{credit_id}", summary="Read a credit user", responses=problem_responses(logic.CreditUserNotFound)
)
async def read_credit_user(work: Reading, response: Response, credit_id: IdInPath) -> CreditUserRead:
    """One credit by id, with the `ETag` that a change needs."""
    row = await logic.find(work.session, credit_id)
    response.headers["ETag"] = etag(row)
    return logic.shown(work.cipher, row)


@router.patch(
    "/{credit_id}",
    summary="Change a credit user",
    responses=problem_responses(
        logic.CreditUserNotFound, logic.CreditIsOver, logic.ValidityUpsideDown, ChangedMeanwhile
    ),
)
async def change_credit_user(
    work: Writing, response: Response, credit_id: IdInPath, if_match: IfMatch, wanted: CreditUserUpdate
) -> CreditUserRead:
    """Change ceiling, validity or reason of a credit in force."""
    row = await logic.change(work.session, work.cipher, credit_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return logic.shown(work.cipher, row)


@router.post(
    "/{credit_id}/end",
    status_code=201,
    summary="End a credit",
    responses=problem_responses(logic.CreditUserNotFound, logic.CreditIsOver),
)
async def end_credit(work: Writing, credit_id: IdInPath) -> CreditUserRead:
    """The member is an ordinary one again from now on."""
    return logic.shown(work.cipher, await logic.end(work.session, credit_id))
