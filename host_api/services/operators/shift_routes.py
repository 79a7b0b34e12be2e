"""Endpoints of shifts."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.merchants.logic import BranchNotFound
from host_api.services.operators import access, shifts
from host_api.services.operators.listing import ShiftFilters, ShiftQuery
from host_api.services.operators.logic import OperatorNotFound
from host_api.services.operators.shift_schemas import ShiftClose, ShiftOpen, ShiftRead, ShiftTotalsRead
from host_api.services.terminals.logic import TerminalNotFound

router = APIRouter(tags=["shifts"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.SHIFTS_READ)]
Writing = Annotated[WriteWork, writes(access.SHIFTS_WRITE)]

_COLUMNS: Final = (
    ("id", "Id", "شناسه"),
    ("operator_id", "Operator", "اپراتور"),
    ("branch_id", "Branch", "شعبه"),
    ("terminal_id", "Terminal", "پایانه"),
    ("opened_at", "Opened at", "آغاز"),
    ("opening_cash", "Cash at the beginning", "موجودی آغاز"),
    ("closed_at", "Closed at", "پایان"),
    ("closing_cash", "Cash at the end", "موجودی پایان"),
    ("cash_taken", "Cash taken", "دریافت نقدی"),
    ("note", "Note", "یادداشت"),
)


class ShiftExportQuery(ShiftFilters, ExportQuery):
    """Which shifts are exported, and how."""


add_export(
    router,
    list_export("shifts", ShiftExportQuery, _COLUMNS, shifts.read_after),
    ShiftExportQuery,
    access.SHIFTS_READ,
)


@router.post(
    "/shifts",
    status_code=201,
    summary="Open a shift",
    responses=problem_responses(
        BranchNotFound,
        OperatorNotFound,
        TerminalNotFound,
        shifts.NotOnShift,
        shifts.TerminalElsewhere,
        shifts.ShiftTimeWrong,
        shifts.ShiftsOverlap,
    ),
)
async def open_shift(work: Writing, response: Response, wanted: ShiftOpen) -> ShiftRead:
    """Have an operator's shift begin, with the cash that was counted into the till.

    An operator has one shift at a time, and so has a terminal.
    """
    shift = await shifts.open_shift(work.session, wanted, work.caller, utc_now())
    response.headers["ETag"] = etag(shift)
    return shifts.shown(shift)


@router.get("/shifts", summary="List shifts")
async def list_shifts(work: Reading, query: Annotated[ShiftQuery, Query()]) -> Page[ShiftRead]:
    """Shifts, the latest first."""
    return await shifts.read_page(work.session, query)


@router.get("/shifts/{id}", summary="Read a shift", responses=problem_responses(shifts.ShiftNotFound))
async def read_shift(work: Reading, response: Response, id: IdInPath) -> ShiftRead:  # noqa: A002
    """One shift by id, with the `ETag` that its closing needs."""
    shift = await shifts.find_shift(work.session, id)
    response.headers["ETag"] = etag(shift)
    return shifts.shown(shift)


@router.post(
    "/shifts/{id}/closing",
    summary="Close a shift",
    responses=problem_responses(
        shifts.ShiftNotFound, shifts.ShiftClosedAlready, shifts.ShiftTimeWrong, ChangedMeanwhile
    ),
)
async def close_shift(
    work: Writing,
    response: Response,
    id: IdInPath,  # noqa: A002
    if_match: IfMatch,
    wanted: ShiftClose,
) -> ShiftRead:
    """Have a shift end, with the cash that was counted out of the till."""
    shift = await shifts.close_shift(work.session, id, if_match, wanted, work.caller, now=utc_now())
    response.headers["ETag"] = etag(shift)
    return shifts.shown(shift)


@router.get(
    "/shifts/{id}/totals", summary="Read a shift's totals", responses=problem_responses(shifts.ShiftNotFound)
)
async def read_totals(work: Reading, id: IdInPath) -> ShiftTotalsRead:  # noqa: A002
    """Sums of what went through the shift's terminal, by kind of transaction, as far as it is projected.

    The switch's journal names no operators: transactions are counted by terminal and time, and `basis_text`
    says so. Money may have come by cash or bank card: compare `net_amount` with both.
    """
    return await shifts.read_totals(work.session, id, utc_now())
