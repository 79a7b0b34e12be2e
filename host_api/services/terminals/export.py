"""Export of the list of terminals."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from host_api.core.bulk.export_declaration import Exportable, ExportColumn, ExportQuery
from host_api.core.bulk.exporting import EXPORT_CONTENT, export_response
from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.idempotency import ServiceRoute
from host_api.core.work import ReadWork, reads
from host_api.services.terminals import access, logic
from host_api.services.terminals.listing import TerminalFilters

_COLUMNS: Final = (
    ("id", "Id", "شناسه"),
    ("terminal_id", "Terminal id", "شمارهٔ پایانه"),
    ("branch_id", "Branch", "شعبه"),
    ("key_generation", "Key generation", "نسل کلید"),
    ("status", "Status", "وضعیت"),
    ("created_at", "Registered at", "زمان ثبت"),
    ("switch_state", "Switch state", "وضعیت در سوئیچ"),
    ("switch_response_code", "Switch response code", "کد پاسخ سوئیچ"),
)


class TerminalExportQuery(TerminalFilters, ExportQuery):
    """Which terminals are exported, and how."""


async def _read(
    session: AnySession, _cipher: FieldCipher, query: TerminalExportQuery, cursor: str | None, limit: int
) -> tuple[list[BaseModel], str | None]:
    terminals, next_cursor = await logic.read_after(session, query, cursor, limit)
    return [*terminals], next_cursor


TERMINALS_EXPORT: Final = Exportable(
    name="terminals", columns=tuple(ExportColumn(*column) for column in _COLUMNS), read=_read
)

router = APIRouter(tags=["terminals"], route_class=ServiceRoute)


@router.get(
    "/terminals/export",
    summary="Export terminals",
    response_class=StreamingResponse,
    responses=EXPORT_CONTENT,
)
async def export_terminals(
    request: Request,
    work: Annotated[ReadWork, reads(access.READ)],
    query: Annotated[TerminalExportQuery, Query()],
) -> StreamingResponse:
    """All terminals that the list's filters leave, as a stream of CSV, XLSX or JSON lines."""
    return export_response(request, work.caller, TERMINALS_EXPORT, query)
