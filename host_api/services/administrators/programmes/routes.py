"""Endpoints of programmes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import Runtime, runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.administrators import access
from host_api.services.administrators.programmes import logic
from host_api.services.administrators.programmes.schemas import (
    ProgrammeCreate,
    ProgrammeIssued,
    ProgrammeQuery,
    ProgrammeRead,
    ProgrammeStatusUpdate,
)
from host_api.services.administrators.users.logic import UsernameTaken

router = APIRouter(prefix="/programmes", tags=["programmes"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.PROGRAMMES_READ)]
Writing = Annotated[WriteWork, writes(access.PROGRAMMES_WRITE)]
RuntimeDependency = Annotated[Runtime, Depends(runtime_of)]


@router.post(
    "",
    status_code=201,
    summary="Make a programme",
    responses=problem_responses(logic.ProgrammeCodeTaken, UsernameTaken),
)
async def create_programme(
    work: Writing, runtime: RuntimeDependency, response: Response, wanted: ProgrammeCreate
) -> ProgrammeIssued:
    """Make a club, live or sandbox, with its keys, roles and owner. From the first programme only."""
    response.headers["Cache-Control"] = "no-store"
    return await logic.create(work.session, work.caller, runtime.vault, wanted)


@router.get("", summary="List programmes")
async def list_programmes(work: Reading, query: Annotated[ProgrammeQuery, Query()]) -> Page[ProgrammeRead]:
    """All clubs of this host API. From the first programme only."""
    return await logic.read_page(work.session, work.caller, query)


@router.get(
    "/{programme_id}", summary="Read a programme", responses=problem_responses(logic.ProgrammeNotFound)
)
async def read_programme(work: Reading, programme_id: IdInPath) -> ProgrammeRead:
    """One club by id. From the first programme only."""
    return await logic.read(work.session, work.caller, programme_id)


@router.put(
    "/{programme_id}/status",
    summary="Suspend a programme, or take it up again",
    responses=problem_responses(logic.ProgrammeNotFound, logic.FirstProgrammeNeeded),
)
async def set_status(work: Writing, programme_id: IdInPath, wanted: ProgrammeStatusUpdate) -> ProgrammeRead:
    """Nobody is served in a suspended programme: its users and keys are as good as unknown."""
    return await logic.set_status(work.session, work.caller, programme_id, wanted.status)
