"""Export of the list of terminals."""

from typing import Final

from fastapi import APIRouter

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.idempotency import ServiceRoute
from host_api.services.terminals import access, logic
from host_api.services.terminals.listing import TerminalFilters

_COLUMNS: Final = (
    ("id", "Id", "شناسه"),
    ("terminal_id", "Terminal id", "شمارهٔ پایانه"),
    ("branch_id", "Branch", "شعبه"),
    ("key_generation", "Key generation", "نسل کلید"),
    ("status", "Status", "وضعیت"),
    ("is_served", "Served", "پاسخ می‌گیرد"),
    ("model", "Model", "مدل"),
    ("serial_number", "Serial number", "شمارهٔ سریال"),
    ("sim_number", "SIM", "سیم‌کارت"),
    ("firmware_channel", "Firmware channel", "کانال ثابت‌افزار"),
    ("created_at", "Registered at", "زمان ثبت"),
    ("switch_state", "Switch state", "وضعیت در سوئیچ"),
    ("switch_response_code", "Switch response code", "کد پاسخ سوئیچ"),
)


class TerminalExportQuery(TerminalFilters, ExportQuery):
    """Which terminals are exported, and how."""


router = APIRouter(tags=["terminals"], route_class=ServiceRoute)
add_export(
    router,
    list_export("terminals", TerminalExportQuery, _COLUMNS, logic.read_after),
    TerminalExportQuery,
    access.READ,
)
