"""Endpoints of the audit log."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, reads
from host_api.services.administrators import access
from host_api.services.administrators.audit_log import logic
from host_api.services.administrators.audit_log.schemas import AuditEntryRead, AuditQuery

router = APIRouter(prefix="/audit", tags=["audit"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.AUDIT_READ)]


@router.get("", summary="List changes")
async def list_entries(work: Reading, query: Annotated[AuditQuery, Query()]) -> Page[AuditEntryRead]:
    """Who changed what, the latest first. Personal data stays sealed here."""
    return await logic.read_page(work.session, query)


@router.get("/{entry_id}", summary="Read a change", responses=problem_responses(logic.AuditEntryNotFound))
async def read_entry(work: Reading, entry_id: IdInPath) -> AuditEntryRead:
    """One entry; personal data in it is opened for callers who also hold `audit:approve`."""
    return await logic.read(work.session, work.caller, work.cipher, entry_id)
