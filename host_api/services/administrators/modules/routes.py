"""Endpoints of modules."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.locking import ChangedMeanwhile
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.administrators import access
from host_api.services.administrators.modules import logic
from host_api.services.administrators.modules.schemas import (
    ModuleDetail,
    ModuleList,
    ModuleRead,
    ModuleSwitch,
)

router = APIRouter(prefix="/modules", tags=["modules"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.MODULES_READ)]
Writing = Annotated[WriteWork, writes(access.MODULES_WRITE)]
NameInPath = Annotated[str, Path(pattern=r"^[a-z_]{1,32}$")]
QueryText = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="Words of titles, help and operations, in English or Persian, in whatever spelling.",
    ),
]


@router.get("", summary="List modules")
async def list_modules(work: Reading, q: QueryText = None) -> ModuleList:
    """Every module with its title, its help, an example and whether it is on; or those that `q` finds."""
    return ModuleList(items=await logic.read_all(work.session, q))


@router.get("/{name}", summary="Read a module", responses=problem_responses(logic.ModuleNotFound))
async def read_module(work: Reading, name: NameInPath) -> ModuleDetail:
    """One module by its name with its operations: what the question mark on its page shows."""
    return await logic.read(work.session, name)


@router.put(
    "/{name}/switch",
    summary="Switch a module on or off",
    responses=problem_responses(logic.ModuleNotFound, logic.ModuleNeeded, ChangedMeanwhile),
)
async def switch_module(work: Writing, name: NameInPath, wanted: ModuleSwitch) -> ModuleRead:
    """Have the programme do without a module, or with it again; what it has stored stays."""
    return await logic.switch(work.session, name, is_on=wanted.is_on)
