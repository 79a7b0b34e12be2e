"""Who worked at a terminal when something happened there."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select

from host_api.core.database import AnySession
from host_api.services.operators.models import Shift


async def operators_on_shift(
    session: AnySession, uses: Collection[tuple[str, datetime]]
) -> dict[tuple[str, datetime], int]:
    """Operators by terminal and instant, as far as shifts tell; some hundred uses at once."""
    if not uses:
        return {}
    first, last = min(at for _, at in uses), max(at for _, at in uses)
    rows = await session.execute(
        select(Shift.terminal_id, Shift.opened_at, Shift.closed_at, Shift.operator_id)
        .where(
            Shift.terminal_id.in_({terminal for terminal, _ in uses}),
            Shift.opened_at <= last,
            or_(Shift.closed_at.is_(None), Shift.closed_at > first),
        )
        .order_by(Shift.id)
    )
    shifts: dict[str, list[tuple[datetime, datetime | None, int]]] = {}
    for terminal, opened_at, closed_at, operator in rows:
        if terminal is not None:
            shifts.setdefault(terminal, []).append((opened_at, closed_at, operator))
    return {
        (terminal, at): operator
        for terminal, at in uses
        for opened_at, closed_at, operator in shifts.get(terminal, [])
        if opened_at <= at and (closed_at is None or at < closed_at)
    }
