"""Reading and acknowledging faults."""

from sqlalchemy import select

from host_api.core import audit
from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.services.fault_finder.kinds import EXPLANATIONS, FaultKind
from host_api.services.fault_finder.listing import FaultQuery
from host_api.services.fault_finder.models import Fault, FaultSighting
from host_api.services.fault_finder.schemas import FaultRead, FaultWithSightings, SightingRead

_SHOWN = 100


class FaultNotFound(Problem):
    """No fault has this id."""

    status = 404
    code = "fault-not-found"
    title = "Fault not found"
    title_fa = "خطا پیدا نشد"
    detail = "There is no fault with this id, or it was not seen for long and has been forgotten."
    detail_fa = "خطایی با این شناسه نیست یا مدت‌هاست دیده نشده و پاک شده است."


async def read(session: AnySession, fault_id: int) -> FaultWithSightings:
    """One fault, and when it was seen last.

    Raises:
        FaultNotFound
    """
    fault = await _find(session, fault_id)
    rows = await session.scalars(
        select(FaultSighting)
        .where(FaultSighting.fault_id == fault_id)
        .order_by(FaultSighting.id.desc())
        .limit(_SHOWN)
    )
    return FaultWithSightings(
        **_read(fault).model_dump(),
        sightings=[
            SightingRead(
                reference=row.reference,
                at=row.at,
                request_id=row.request_id,
                rrn=row.rrn,
                terminal_id=row.terminal_id,
            )
            for row in rows
        ],
    )


async def read_page(session: ReadSession, query: FaultQuery) -> Page[FaultRead]:
    """A page of faults."""
    faults, next_cursor = await read_rows(session, query.statement(), query)
    return Page(items=[_read(fault) for fault in faults], next_cursor=next_cursor)


async def acknowledge(
    session: WriteSession, fault_id: int, caller: Caller, note: str | None
) -> FaultWithSightings:
    """Close a fault until it is seen again.

    Raises:
        FaultNotFound
    """
    fault = await _find(session, fault_id, for_update=True)
    fault.is_open, fault.acknowledged_at = False, utc_now()
    fault.acknowledged_by, fault.note = caller.name, note
    audit.note(session, "update", Fault.__tablename__, str(fault_id), after={"is_open": False, "note": note})
    await session.flush()
    return await read(session, fault_id)


async def _find(session: AnySession, fault_id: int, *, for_update: bool = False) -> Fault:
    fault = await session.get(Fault, fault_id, with_for_update=for_update or None)
    if fault is None:
        raise FaultNotFound
    return fault


def _read(fault: Fault) -> FaultRead:
    kind = FaultKind(fault.kind)
    explanation = EXPLANATIONS[kind]
    return FaultRead(
        id=fault.id,
        kind=kind,
        place=fault.place,
        cause=fault.cause,
        count=fault.count,
        first_seen_at=fault.first_seen_at,
        last_seen_at=fault.last_seen_at,
        is_open=fault.is_open,
        acknowledged_at=fault.acknowledged_at,
        acknowledged_by=fault.acknowledged_by,
        note=fault.note,
        title=explanation.title,
        title_fa=explanation.title_fa,
        meaning=explanation.meaning,
        meaning_fa=explanation.meaning_fa,
        next_step=explanation.next_step,
        next_step_fa=explanation.next_step_fa,
    )
