"""Endpoints of the fault finder."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.fault_finder import access, logic
from host_api.services.fault_finder.listing import FaultQuery
from host_api.services.fault_finder.schemas import Acknowledgement, FaultRead, FaultWithSightings

router = APIRouter(prefix="/faults", tags=["fault finder"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.get("", summary="List faults")
async def list_faults(work: Reading, query: Annotated[FaultQuery, Query()]) -> Page[FaultRead]:
    """Errors of the host API and the switch, those seen last first; find them by request id, RRN or
    terminal."""
    return await logic.read_page(work.session, query)


@router.get("/{fault_id}", summary="Read a fault", responses=problem_responses(logic.FaultNotFound))
async def read_fault(work: Reading, fault_id: IdInPath) -> FaultWithSightings:
    """One fault, what it means, what to do, and when it was seen."""
    return await logic.read(work.session, fault_id)


@router.post(
    "/{fault_id}/acknowledgement",
    status_code=201,
    summary="Acknowledge a fault",
    responses=problem_responses(logic.FaultNotFound),
)
async def acknowledge_fault(work: Writing, fault_id: IdInPath, wanted: Acknowledgement) -> FaultWithSightings:
    """Tell that somebody sees to it; it opens again when it is seen again."""
    return await logic.acknowledge(work.session, fault_id, work.caller, wanted.note)
