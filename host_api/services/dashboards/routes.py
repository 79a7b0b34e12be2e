"""Endpoints of the dashboards service."""

from typing import Annotated

from fastapi import APIRouter, Request

from host_api.core.idempotency import ServiceRoute
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, reads
from host_api.services.dashboards import access, logic
from host_api.services.dashboards.schemas import DashboardRead

router = APIRouter(tags=["dashboard"], route_class=ServiceRoute)


@router.get("/dashboard", summary="Read the dashboard")
async def read_dashboard(request: Request, work: Annotated[ReadWork, reads(access.READ)]) -> DashboardRead:
    """Today, yesterday and the last seven days; the busiest rules and branches, what the club owes in points
    and when they run out, news, and what waits for somebody. Its sums by day follow the journal."""
    return await logic.dashboard(work.session, runtime_of(request).event_types)
