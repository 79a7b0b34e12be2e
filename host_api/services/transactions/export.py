"""Export of the list of transactions."""

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
from host_api.services.transactions import access, logic
from host_api.services.transactions.listing import TransactionFilters

_COLUMNS: Final = (
    ("rrn", "RRN", "شمارهٔ مرجع"),
    ("at", "Decided at", "زمان"),
    ("operation", "Operation", "عملیات"),
    ("standing", "Standing", "وضعیت"),
    ("response_code", "Response code", "کد پاسخ"),
    ("amount", "Amount", "مبلغ"),
    ("discount", "Discount", "تخفیف"),
    ("tendered", "Paid from purses", "پرداخت از کیف امتیاز"),
    ("net_amount", "Left to pay", "پرداخت نقد"),
    ("returned_amount", "Returned", "برگشتی"),
    ("currency", "Currency", "ارز"),
    ("merchant_id", "Merchant", "پذیرنده"),
    ("branch_number", "Branch", "شعبه"),
    ("terminal_id", "Terminal", "پایانه"),
    ("stan", "STAN", "شمارهٔ پیگیری"),
    ("member_id", "Member", "عضو"),
    ("card_id", "Card", "کارت"),
    ("rule_table_version", "Rule table", "جدول قواعد"),
    ("reversed_by_rrn", "Reversed by", "برگشت‌خورده با"),
    ("concerns_rrn", "Concerns", "دربارهٔ"),
)


class TransactionExportQuery(TransactionFilters, ExportQuery):
    """Which transactions are exported, and how."""


async def _read(
    session: AnySession, _cipher: FieldCipher, query: TransactionExportQuery, cursor: str | None, limit: int
) -> tuple[list[BaseModel], str | None]:
    transactions, next_cursor = await logic.read_after(session, query, cursor, limit)
    return [*transactions], next_cursor


TRANSACTIONS_EXPORT: Final = Exportable(
    name="transactions", columns=tuple(ExportColumn(*column) for column in _COLUMNS), read=_read
)

router = APIRouter(tags=["transactions"], route_class=ServiceRoute)


@router.get(
    "/transactions/export",
    summary="Export transactions",
    response_class=StreamingResponse,
    responses=EXPORT_CONTENT,
)
async def export_transactions(
    request: Request,
    work: Annotated[ReadWork, reads(access.READ)],
    query: Annotated[TransactionExportQuery, Query()],
) -> StreamingResponse:
    """All transactions that the list's filters leave, as a stream of CSV, XLSX or JSON lines."""
    return export_response(request, work.caller, TRANSACTIONS_EXPORT, query)
