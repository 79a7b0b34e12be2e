"""Endpoints of ready programmes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.runtime import Runtime, runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.administrators import access
from host_api.services.administrators.programmes.logic import ProgrammeCodeTaken
from host_api.services.administrators.programmes.schemas import ProgrammeCreate
from host_api.services.administrators.users.logic import UsernameTaken
from host_api.services.programme_templates import logic
from host_api.services.programme_templates.problems import ProgrammeTemplateNotFound
from host_api.services.programme_templates.schemas import ProgrammeTemplateRead, ReadyProgramme

router = APIRouter(prefix="/programme-templates", tags=["programme templates"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.PROGRAMMES_READ)]
Writing = Annotated[WriteWork, writes(access.PROGRAMMES_WRITE)]
RuntimeDependency = Annotated[Runtime, Depends(runtime_of)]
NameInPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,47}$")]


@router.get("", summary="List programme templates")
async def list_programme_templates(_work: Reading) -> list[ProgrammeTemplateRead]:
    """The kinds of club of which a ready programme can be made."""
    return [logic.shown(template) for template in logic.templates().values()]


@router.get(
    "/{name}",
    summary="Read a programme template",
    responses=problem_responses(ProgrammeTemplateNotFound),
)
async def read_programme_template(_work: Reading, name: NameInPath) -> ProgrammeTemplateRead:
    """One template by name."""
    return logic.shown(logic.find(name))


@router.post(
    "/{name}/programmes",
    status_code=201,
    summary="Make a ready programme",
    responses=problem_responses(ProgrammeTemplateNotFound, ProgrammeCodeTaken, UsernameTaken),
)
async def make_programme(
    work: Writing, runtime: RuntimeDependency, response: Response, name: NameInPath, wanted: ProgrammeCreate
) -> ReadyProgramme:
    """Whole or not at all, and once for each code. From the first programme only. Its rules are the first
    version, which two persons of the new programme publish."""
    response.headers["Cache-Control"] = "no-store"
    return await logic.make(work.session, work.caller, runtime.vault, name, wanted)
