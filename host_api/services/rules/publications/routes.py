"""Endpoints of publications, and of what is in force."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.rules import access
from host_api.services.rules.job_answer import Waiting, finished
from host_api.services.rules.publications import logic, problems
from host_api.services.rules.publications.listing import RulePublicationQuery, TableQuery
from host_api.services.rules.publications.schemas import (
    PublicationDecision,
    RulePublicationCreate,
    RulePublicationRead,
    TableInForceRead,
)
from host_api.services.rules.versions.logic import VersionNotFound

router = APIRouter(prefix="/rules", tags=["rules"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Asking = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]

_PENDING = pending_response(
    RulePublicationRead, "Approved, and waiting for its time or on its way: look again at `Location`"
)


@router.get(
    "/in-force", summary="Read what is in force", responses=problem_responses(problems.InForceUnknown)
)
async def read_in_force(work: Reading) -> TableInForceRead:
    """The rule table in force, since when, and who put it there."""
    return await logic.read_in_force(work.session)


@router.get("/tables", summary="List tables that were in force")
async def list_tables(work: Reading, query: Annotated[TableQuery, Query()]) -> Page[TableInForceRead]:
    """Every rule table of the journal, the latest first."""
    return await logic.read_tables(work.session, query)


@router.get("/publications", summary="List publications")
async def list_publications(
    work: Reading, query: Annotated[RulePublicationQuery, Query()]
) -> Page[RulePublicationRead]:
    """Publications, the latest first; `state=asked` are those to be decided."""
    return await logic.read_page(work.session, query)


@router.post(
    "/publications",
    status_code=201,
    summary="Ask for a publication",
    responses=problem_responses(
        VersionNotFound,
        problems.VersionNotReady,
        problems.VersionHasErrors,
        problems.TableUnknown,
        problems.InForceUnknown,
        problems.AlreadyInForce,
        problems.PublishTimeWrong,
    ),
)
async def ask_publication(work: Asking, wanted: RulePublicationCreate) -> RulePublicationRead:
    """Ask to put a version in force, at once or at a time, or to go back to an earlier one. A second person
    decides."""
    return await logic.ask(work.session, wanted, work.caller)


@router.get(
    "/publications/{publication_id}",
    summary="Read a publication",
    responses=problem_responses(problems.PublicationNotFound),
)
async def read_publication(work: Reading, publication_id: IdInPath) -> RulePublicationRead:
    """One publication by id."""
    return await logic.read(work.session, publication_id)


@router.post(
    "/publications/{publication_id}/approval",
    status_code=201,
    summary="Approve a publication",
    response_model=RulePublicationRead,
    responses={
        **_PENDING,
        **problem_responses(problems.PublicationNotFound, AlreadyDecided, OwnAct, problems.OwnVersion),
    },
)
async def approve_publication(
    request: Request,
    work: Deciding,
    publication_id: IdInPath,
    decision: PublicationDecision,
    wait_s: Waiting = 5,
) -> AwaitedAnswer:
    """Let it come into force as the second person, who neither asked for it nor froze the version. 201 tells
    what became of it: `published` or `failed`."""
    database, programme_id = runtime_of(request).database, work.caller.programme_id
    publication = await logic.approve(work.session, publication_id, work.caller, decision.note)

    async def final() -> RulePublicationRead | None:
        return await finished(
            database,
            programme_id,
            lambda session: logic.read(session, publication_id),
            logic.is_over,
            wait_s if publication.publish_at is None else 0,
        )

    return AwaitedAnswer(publication, location=f"/v1/rules/publications/{publication_id}", final=final)


@router.post(
    "/publications/{publication_id}/rejection",
    status_code=201,
    summary="Reject a publication",
    responses=problem_responses(problems.PublicationNotFound, AlreadyDecided, OwnAct),
)
async def reject_publication(
    work: Deciding, publication_id: IdInPath, decision: PublicationDecision
) -> RulePublicationRead:
    """Turn down what another has asked for, also once it is approved and waits for its time."""
    return await logic.reject(work.session, publication_id, work.caller, decision.note)


@router.post(
    "/publications/{publication_id}/cancellation",
    status_code=201,
    summary="Cancel a publication",
    responses=problem_responses(problems.PublicationNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_publication(work: Asking, publication_id: IdInPath) -> RulePublicationRead:
    """Take back what you asked for before it is on its way."""
    return await logic.cancel(work.session, publication_id, work.caller)
