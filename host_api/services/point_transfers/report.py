"""Sums over points between members."""

from datetime import datetime
from typing import Final

from sqlalchemy import case, distinct, func, select
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.clock import utc_now
from host_api.core.database import ReadSession
from host_api.services.point_transfers.listing import ReportQuery
from host_api.services.point_transfers.models import PointTransfer
from host_api.services.point_transfers.schemas import (
    MemberSum,
    PointTransferReport,
    PointTransferState,
    StateSum,
)

_LARGEST: Final = 10
_DONE: Final = PointTransfer.state == PointTransferState.DONE.value


async def read(session: ReadSession, query: ReportQuery) -> PointTransferReport:
    """Counts and sums by state, and who gave and got most."""
    of_time = query.filters()
    now: datetime = utc_now()
    state = case(
        (
            (PointTransfer.state == PointTransferState.ASKED.value) & (PointTransfer.confirm_until <= now),
            PointTransferState.EXPIRED.value,
        ),
        else_=PointTransfer.state,
    ).label("state_now")
    by_state = await session.execute(
        select(state, func.count(PointTransfer.id), func.sum(PointTransfer.units))
        .where(*of_time)
        .group_by(state)
        .order_by(state)
    )
    givers, receivers = (
        await session.execute(
            select(
                func.count(distinct(PointTransfer.member_id)),
                func.count(distinct(PointTransfer.to_member_id)),
            ).where(_DONE, *of_time)
        )
    ).one()
    return PointTransferReport(
        by_state=[
            StateSum(state=PointTransferState(name), count=count, units=int(units))
            for name, count, units in by_state
        ],
        givers=givers,
        receivers=receivers,
        largest_givers=await _largest(session, query, PointTransfer.member_id),
        largest_receivers=await _largest(session, query, PointTransfer.to_member_id),
    )


async def _largest(
    session: ReadSession, query: ReportQuery, member: InstrumentedAttribute[int]
) -> list[MemberSum]:
    units = func.sum(PointTransfer.units)
    rows = await session.execute(
        select(member, func.count(PointTransfer.id), units)
        .where(_DONE, *query.filters())
        .group_by(member)
        .order_by(units.desc(), member)
        .limit(_LARGEST)
    )
    return [MemberSum(member_id=found, count=count, units=int(total)) for found, count, total in rows]
