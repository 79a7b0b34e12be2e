"""Endpoints of the terminals service."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.merchants.logic import BranchNotFound
from host_api.services.terminals import access, logic
from host_api.services.terminals.listing import TerminalQuery
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN, TerminalCreate, TerminalRead

router = APIRouter(tags=["terminals"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "/terminals",
    status_code=201,
    summary="Register a terminal",
    responses=problem_responses(BranchNotFound, logic.TerminalIdTaken),
)
async def create_terminal(request: Request, work: Writing, wanted: TerminalCreate) -> TerminalRead:
    """Store a terminal of a branch and send the record to the switch, which serves it from then on."""
    return await logic.create(work.session, wanted, host_id=runtime_of(request).settings.host_id)


@router.get("/terminals", summary="List terminals")
async def list_terminals(work: Reading, query: Annotated[TerminalQuery, Query()]) -> Page[TerminalRead]:
    """Terminals in the order of registration."""
    return await logic.read_page(work.session, query)


@router.get(
    "/terminals/{terminal_id}", summary="Read a terminal", responses=problem_responses(logic.TerminalNotFound)
)
async def read_terminal(
    work: Reading, terminal_id: Annotated[str, Path(pattern=TERMINAL_ID_PATTERN)]
) -> TerminalRead:
    """One terminal by its terminal id."""
    return await logic.read(work.session, terminal_id)
