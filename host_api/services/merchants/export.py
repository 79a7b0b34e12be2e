"""Export of the list of merchants."""

from typing import Final

from fastapi import APIRouter

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.idempotency import ServiceRoute
from host_api.services.merchants import access, logic
from host_api.services.merchants.listing import MerchantFilters

_COLUMNS: Final = (
    ("id", "Id", "شناسه"),
    ("merchant_id", "Merchant id", "کد پذیرنده"),
    ("name", "Name", "نام"),
    ("status", "Status", "وضعیت"),
    ("guild", "Guild", "صنف"),
    ("sector", "Sector", "بخش بازار"),
    ("created_at", "Registered at", "زمان ثبت"),
)


class MerchantExportQuery(MerchantFilters, ExportQuery):
    """Which merchants are exported, and how."""


router = APIRouter(tags=["merchants"], route_class=ServiceRoute)
add_export(
    router,
    list_export("merchants", MerchantExportQuery, _COLUMNS, logic.read_merchants_after),
    MerchantExportQuery,
    access.READ,
)
