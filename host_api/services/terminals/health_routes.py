"""Endpoints of terminals' health; their addresses stand before those of single terminals."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.work import ReadWork, reads
from host_api.services.terminals import access, health
from host_api.services.terminals.logic import TerminalNotFound
from host_api.services.terminals.schemas import TerminalIdInPath
from host_api.services.terminals.switch_health import (
    SwitchNotConfigured,
    SwitchRefusesToken,
    SwitchUnreachable,
    Told,
)

router = APIRouter(tags=["terminals"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]

_SWITCH_PROBLEMS = (SwitchNotConfigured, SwitchUnreachable, SwitchRefusesToken)


@router.get(
    "/terminals/health",
    summary="List terminals with their health",
    responses=problem_responses(*_SWITCH_PROBLEMS),
)
async def list_health(
    told: Told, work: Reading, query: Annotated[health.HealthQuery, Query()]
) -> health.TerminalHealthPage:
    """Terminals with what the switch heard of each last; `silent=true` lists those to be looked after."""
    return await health.read_health_page(work.session, told, query, utc_now())


@router.get(
    "/terminals/{terminal_id}/health",
    summary="Read a terminal's health",
    responses=problem_responses(TerminalNotFound, *_SWITCH_PROBLEMS),
)
async def read_health(
    told: Told,
    work: Reading,
    terminal_id: TerminalIdInPath,
    silent_after_minutes: Annotated[health.SilentAfter, Query()] = 60,
) -> health.TerminalHealthRead:
    """When the switch heard it last, and what it told of firmware, battery, signal, paper and memory."""
    silent_before = utc_now() - timedelta(minutes=silent_after_minutes)
    return await health.read_health_of(work.session, told, terminal_id, silent_before=silent_before)
