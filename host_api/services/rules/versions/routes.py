"""Endpoints of frozen versions."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.rules import access
from host_api.services.rules.draft.json_content import written
from host_api.services.rules.job_answer import Waiting, finished
from host_api.services.rules.versions import logic
from host_api.services.rules.versions.listing import RuleVersionQuery
from host_api.services.rules.versions.schemas import (
    DocumentDifference,
    RuleVersionCreate,
    RuleVersionRead,
    VersionState,
)

router = APIRouter(prefix="/rules", tags=["rules"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Compared = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="A frozen version; the draft where left out.")
]

_PENDING = pending_response(RuleVersionRead, "Being compiled: look again at `Location`")


@router.post(
    "/versions",
    status_code=201,
    summary="Freeze the draft",
    response_model=RuleVersionRead,
    responses=_PENDING,
)
async def freeze_draft(
    request: Request, work: Writing, wanted: RuleVersionCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Keep the draft as it stands for good and compile it. 201 tells whether it is `ready` for publication or
    `faulty`. A rule that has changed since it was frozen last gets its next edition."""
    database, programme_id = runtime_of(request).database, work.caller.programme_id
    version = await logic.freeze(work.session, wanted.note, work.caller)

    async def final() -> RuleVersionRead | None:
        return await finished(
            database,
            programme_id,
            lambda session: logic.read(session, version.id),
            lambda found: found.state is not VersionState.PREPARING,
            wait_s,
        )

    return AwaitedAnswer(version, location=f"/v1/rules/versions/{version.id}", final=final)


@router.get("/versions", summary="List versions")
async def list_versions(work: Reading, query: Annotated[RuleVersionQuery, Query()]) -> Page[RuleVersionRead]:
    """Frozen versions, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/versions/{version_id}", summary="Read a version", responses=problem_responses(logic.VersionNotFound)
)
async def read_version(work: Reading, version_id: IdInPath) -> RuleVersionRead:
    """One version with its faults, lints and cost."""
    return await logic.read(work.session, version_id)


@router.get(
    "/versions/{version_id}/document",
    summary="Export a version",
    response_class=Response,
    responses={
        200: {
            "description": "The rule document",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problem_responses(logic.VersionNotFound),
    },
)
async def export_version(work: Reading, version_id: Annotated[int, Path(ge=1, le=LARGEST_ID)]) -> Response:
    """The whole document as JSON, which `vafa rules` reads."""
    document = await logic.document_of(work.session, version_id)
    headers = {"Content-Disposition": f'attachment; filename="rules-{version_id}.json"'}
    return Response(written(document), media_type="application/octet-stream", headers=headers)


@router.get("/difference", summary="Compare versions", responses=problem_responses(logic.VersionNotFound))
async def compare_versions(
    work: Reading, before: Compared = None, after: Compared = None
) -> DocumentDifference:
    """Rules that the second has and the first has not, those that are gone, and what changed in the
    others."""
    return await logic.difference(work.session, before, after)
