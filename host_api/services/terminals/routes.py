"""Endpoints of terminals."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.merchants.logic import BranchNotFound
from host_api.services.terminals import access, logic
from host_api.services.terminals.key_rotation import rotation_steps
from host_api.services.terminals.listing import TerminalQuery
from host_api.services.terminals.schemas import (
    KeyRotationRead,
    TerminalCreate,
    TerminalIdInPath,
    TerminalRead,
    TerminalUpdate,
)

router = APIRouter(tags=["terminals"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "/terminals",
    status_code=201,
    summary="Register a terminal",
    responses=problem_responses(BranchNotFound, logic.PlaceClosed, logic.TerminalIdTaken),
)
async def create_terminal(
    request: Request, work: Writing, response: Response, wanted: TerminalCreate
) -> TerminalRead:
    """Store a terminal of a branch and send the record to the switch, which serves it from then on."""
    host_id = runtime_of(request).switches.of(work.caller.programme_id).settings.host_id
    terminal = await logic.create(work.session, wanted, host_id=host_id)
    response.headers["ETag"] = etag(terminal)
    return await logic.shown(work.session, terminal)


@router.get("/terminals", summary="List terminals")
async def list_terminals(work: Reading, query: Annotated[TerminalQuery, Query()]) -> Page[TerminalRead]:
    """Terminals in the order of registration."""
    return await logic.read_page(work.session, query)


@router.get(
    "/terminals/{terminal_id}", summary="Read a terminal", responses=problem_responses(logic.TerminalNotFound)
)
async def read_terminal(work: Reading, response: Response, terminal_id: TerminalIdInPath) -> TerminalRead:
    """One terminal by its terminal id, with the `ETag` that a change needs."""
    terminal = await logic.find(work.session, terminal_id)
    response.headers["ETag"] = etag(terminal)
    return await logic.shown(work.session, terminal)


@router.patch(
    "/terminals/{terminal_id}",
    summary="Change, move, block or retire a terminal",
    responses=problem_responses(
        logic.TerminalNotFound, BranchNotFound, logic.PlaceClosed, logic.TerminalRetired, ChangedMeanwhile
    ),
)
async def change_terminal(
    work: Writing,
    response: Response,
    terminal_id: TerminalIdInPath,
    if_match: IfMatch,
    wanted: TerminalUpdate,
) -> TerminalRead:
    """Change a terminal; branch and status go to the switch with its record.

    Moved to another merchant's branch it needs a parameter document with that merchant's id.
    """
    terminal = await logic.change(work.session, terminal_id, if_match, wanted)
    response.headers["ETag"] = etag(terminal)
    return await logic.shown(work.session, terminal)


@router.post(
    "/terminals/{terminal_id}/key-rotations",
    status_code=201,
    summary="Give a terminal its next key generation",
    responses=problem_responses(
        logic.TerminalNotFound, logic.TerminalRetired, logic.KeyGenerationsUsedUp, ChangedMeanwhile
    ),
)
async def rotate_key(
    work: Writing, response: Response, terminal_id: TerminalIdInPath, if_match: IfMatch
) -> KeyRotationRead:
    """Count the key generation up and tell the switch, which refuses the old key from then on.

    The answer tells what is done with `vafa keys` to bring the new key into the terminal.
    """
    terminal = await logic.rotate_key(work.session, terminal_id, if_match)
    response.headers["ETag"] = etag(terminal)
    return KeyRotationRead(
        terminal=await logic.shown(work.session, terminal),
        steps=rotation_steps(terminal_id, terminal.key_generation),
    )
