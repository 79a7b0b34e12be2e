"""Export of the list of merchants."""

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
from host_api.services.merchants import access, logic
from host_api.services.merchants.listing import MerchantFilters

_COLUMNS: Final = (
    ("id", "Id", "شناسه"),
    ("merchant_id", "Merchant id", "کد پذیرنده"),
    ("name", "Name", "نام"),
    ("created_at", "Registered at", "زمان ثبت"),
)


class MerchantExportQuery(MerchantFilters, ExportQuery):
    """Which merchants are exported, and how."""


async def _read(
    session: AnySession, _cipher: FieldCipher, query: MerchantExportQuery, cursor: str | None, limit: int
) -> tuple[list[BaseModel], str | None]:
    merchants, next_cursor = await logic.read_merchants_after(session, query, cursor, limit)
    return [*merchants], next_cursor


MERCHANTS_EXPORT: Final = Exportable(
    name="merchants", columns=tuple(ExportColumn(*column) for column in _COLUMNS), read=_read
)

router = APIRouter(tags=["merchants"], route_class=ServiceRoute)


@router.get(
    "/merchants/export",
    summary="Export merchants",
    response_class=StreamingResponse,
    responses=EXPORT_CONTENT,
)
async def export_merchants(
    request: Request,
    work: Annotated[ReadWork, reads(access.READ)],
    query: Annotated[MerchantExportQuery, Query()],
) -> StreamingResponse:
    """All merchants that the list's filters leave, as a stream of CSV, XLSX or JSON lines."""
    return export_response(request, work.caller, MERCHANTS_EXPORT, query)
