"""Endpoints of the terminals service."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from host_api.core.errors import problem_responses
from host_api.core.pagination import Cursor, Limit, Page, position_of
from host_api.core.path_ids import IdInQuery
from host_api.core.runtime import runtime_of
from host_api.core.sessions import ReadSessionDependency, WriteSessionDependency
from host_api.services.merchants.logic import BranchNotFound
from host_api.services.terminals import logic
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN, TerminalCreate, TerminalRead

router = APIRouter(tags=["terminals"])


@router.post(
    "/terminals",
    status_code=201,
    summary="Register a terminal",
    responses=problem_responses(BranchNotFound, logic.TerminalIdTaken),
)
async def create_terminal(
    request: Request, session: WriteSessionDependency, wanted: TerminalCreate
) -> TerminalRead:
    """Store a terminal of a branch and send the record to the switch, which serves it from then on."""
    return await logic.create(session, wanted, host_id=runtime_of(request).settings.host_id)


@router.get("/terminals", summary="List terminals")
async def list_terminals(
    session: ReadSessionDependency, branch_id: IdInQuery = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[TerminalRead]:
    """Terminals in the order of registration."""
    return await logic.read_page(session, branch_id=branch_id, after=position_of(cursor), limit=limit)


@router.get(
    "/terminals/{terminal_id}", summary="Read a terminal", responses=problem_responses(logic.TerminalNotFound)
)
async def read_terminal(
    session: ReadSessionDependency, terminal_id: Annotated[str, Path(pattern=TERMINAL_ID_PATTERN)]
) -> TerminalRead:
    """One terminal by its terminal id."""
    return await logic.read(session, terminal_id)
