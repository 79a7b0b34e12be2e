"""Endpoints of applications for membership and of failed attempts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from host_api.core.error_handlers import problem_response
from host_api.core.errors import Problem, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.joining import access, attempts, logic, problems
from host_api.services.joining.listing import ApplicationQuery, AttemptQuery
from host_api.services.joining.schemas import (
    ApplicationCreate,
    ApplicationRead,
    JoiningApproval,
    JoiningAttemptRead,
    JoiningCodeTry,
    JoiningFeeNote,
    JoiningFollowUp,
    JoiningRefusal,
)
from host_api.services.members.interests.logic import InterestUnknown

router = APIRouter(prefix="/joining", tags=["joining"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]


def _answer(request: Request, result: ApplicationRead | Problem) -> ApplicationRead | JSONResponse:
    """A problem that was noted is answered, not raised, so that the note is committed."""
    return problem_response(request, result) if isinstance(result, Problem) else result


@router.post(
    "/applications",
    status_code=201,
    summary="Apply for membership",
    response_model=ApplicationRead,
    responses=problem_responses(
        problems.PolicyNotFound,
        problems.WayClosed,
        problems.FormIncomplete,
        problems.AlreadyMember,
        problems.JoiningNotPermitted,
        problems.ApplicationPending,
        problems.TooManyCodes,
        InterestUnknown,
    ),
)
async def apply(request: Request, work: Writing, wanted: ApplicationCreate) -> ApplicationRead | JSONResponse:
    """Accepted at once where the policy asks for nothing more; else `state` tells what the application waits
    for. In the app and on the web a code is texted first. Whoever can't join is kept for follow-up."""
    return _answer(request, await logic.apply(work.session, work.cipher, work.caller, wanted))


@router.get("/applications", summary="List applications")
async def list_applications(
    work: Reading, query: Annotated[ApplicationQuery, Query()]
) -> Page[ApplicationRead]:
    """The latest first; `state=waiting_approval` are those to be decided."""
    return await logic.read_page(work.session, work.cipher, query)


@router.get(
    "/applications/{application_id}",
    summary="Read an application",
    responses=problem_responses(problems.ApplicationNotFound),
)
async def read_application(work: Reading, application_id: IdInPath) -> ApplicationRead:
    """One application by id."""
    return await logic.read(work.session, work.cipher, application_id)


@router.post(
    "/applications/{application_id}/code",
    status_code=201,
    summary="Send another code",
    responses=problem_responses(problems.ApplicationNotFound, problems.NotInThisState, problems.TooManyCodes),
)
async def send_code(work: Writing, application_id: IdInPath) -> ApplicationRead:
    """Text a fresh code, which takes the place of the last one."""
    return await logic.send_code(work.session, work.cipher, application_id)


@router.post(
    "/applications/{application_id}/confirmation",
    status_code=201,
    summary="Confirm the mobile number",
    response_model=ApplicationRead,
    responses=problem_responses(
        problems.ApplicationNotFound,
        problems.NotInThisState,
        problems.CodeWrong,
        problems.CodeOver,
        problems.AlreadyMember,
        problems.JoiningNotPermitted,
    ),
)
async def confirm(
    request: Request, work: Writing, application_id: IdInPath, wanted: JoiningCodeTry
) -> ApplicationRead | JSONResponse:
    """Send the code that was texted: good for two minutes and five tries."""
    return _answer(request, await logic.confirm(work.session, work.cipher, application_id, wanted.code))


@router.post(
    "/applications/{application_id}/fee",
    status_code=201,
    summary="Note the fee",
    response_model=ApplicationRead,
    responses=problem_responses(
        problems.ApplicationNotFound, problems.NotInThisState, problems.AlreadyMember
    ),
)
async def note_fee(
    request: Request, work: Writing, application_id: IdInPath, wanted: JoiningFeeNote
) -> ApplicationRead | JSONResponse:
    """Note that the fee was paid, and where the payment is found again."""
    return _answer(
        request,
        await logic.note_fee(work.session, work.cipher, work.caller, application_id, wanted.reference),
    )


@router.post(
    "/applications/{application_id}/approval",
    status_code=201,
    summary="Approve an application",
    response_model=ApplicationRead,
    responses=problem_responses(
        problems.ApplicationNotFound,
        problems.NotInThisState,
        OwnAct,
        problems.AlreadyMember,
        problems.JoiningNotPermitted,
    ),
)
async def approve(
    request: Request, work: Deciding, application_id: IdInPath, wanted: JoiningApproval
) -> ApplicationRead | JSONResponse:
    """Make the applicant a member, as the second person."""
    return _answer(
        request, await logic.approve(work.session, work.cipher, work.caller, application_id, wanted.note)
    )


@router.post(
    "/applications/{application_id}/refusal",
    status_code=201,
    summary="Refuse an application",
    responses=problem_responses(problems.ApplicationNotFound, problems.NotInThisState, OwnAct),
)
async def refuse(work: Deciding, application_id: IdInPath, wanted: JoiningRefusal) -> ApplicationRead:
    """Turn an application down, with a reason."""
    return await logic.refuse(work.session, work.cipher, work.caller, application_id, wanted.reason)


@router.post(
    "/applications/{application_id}/withdrawal",
    status_code=201,
    summary="Withdraw an application",
    responses=problem_responses(problems.ApplicationNotFound, problems.NotInThisState),
)
async def withdraw(work: Writing, application_id: IdInPath) -> ApplicationRead:
    """Take an application back, as the applicant wishes."""
    return await logic.withdraw(work.session, work.cipher, application_id)


@router.get("/failed-attempts", summary="List failed attempts to join")
async def list_attempts(work: Reading, query: Annotated[AttemptQuery, Query()]) -> Page[JoiningAttemptRead]:
    """Who could not join, and why: for somebody to call. Kept for half a year."""
    return await attempts.read_page(work.session, work.cipher, query)


@router.post(
    "/failed-attempts/{attempt_id}/follow-up",
    status_code=201,
    summary="Note a follow-up",
    responses=problem_responses(problems.AttemptNotFound),
)
async def follow_up(work: Writing, attempt_id: IdInPath, wanted: JoiningFollowUp) -> JoiningAttemptRead:
    """Note what came of calling."""
    return await attempts.follow_up(work.session, work.cipher, work.caller, attempt_id, wanted.note)
