"""Every pair's position for a period: of one club, or of all clubs of this installation."""

from datetime import datetime

from sqlalchemy import case, func, select

from host_api.core.access.caller import Caller
from host_api.core.database import ReadSession
from host_api.core.errors import NotPermitted
from host_api.core.isolation import ANY_PROGRAMME, programme_of
from host_api.core.programmes import FIRST_PROGRAMME, Programme
from host_api.services.coalition.exchange_schemas import ClubClearing, ClubExchangeState, ClubPosition
from host_api.services.coalition.listing import ClearingQuery
from host_api.services.coalition.models import ClubExchange, PartnerClub


async def of_club(session: ReadSession, query: ClearingQuery) -> ClubClearing:
    """The positions of this club with each other."""
    return await _clearing(session, query, programme_of(session.sync_session))


async def of_all(session: ReadSession, caller: Caller, query: ClearingQuery) -> ClubClearing:
    """The positions of every club of this installation, from the first one only.

    Both clubs of a local pair are among them, so those add up to zero; what doesn't is with foreign clubs.

    Raises:
        NotPermitted
    """
    if caller.programme_id != FIRST_PROGRAMME:
        raise NotPermitted
    return await _clearing(session, query, None)


async def _clearing(session: ReadSession, query: ClearingQuery, programme_id: int | None) -> ClubClearing:
    begin, end = query.period
    sums = [
        func.coalesce(
            func.sum(case((ClubExchange.is_outgoing.is_(is_outgoing), ClubExchange.rials), else_=0)), 0
        )
        for is_outgoing in (True, False)
    ]
    statement = (
        select(Programme.code, PartnerClub.club_code, *sums)
        .join(PartnerClub, PartnerClub.id == ClubExchange.club_id)
        .join(Programme, Programme.id == ClubExchange.programme_id)
        .where(
            ClubExchange.state == ClubExchangeState.DONE.value,
            ClubExchange.done_at >= begin,
            ClubExchange.done_at < end,
        )
        .group_by(Programme.code, PartnerClub.club_code)
        .order_by(Programme.code, PartnerClub.club_code)
    )
    if programme_id is not None:
        statement = statement.where(ClubExchange.programme_id == programme_id)
    rows = await session.execute(statement, execution_options=ANY_PROGRAMME)
    return _added_up(begin, end, [_position(*row) for row in rows])


def _position(club_code: str, partner_code: str, outgoing: int, incoming: int) -> ClubPosition:
    return ClubPosition(
        club_code=club_code,
        partner_code=partner_code,
        outgoing_rials=int(outgoing),
        incoming_rials=int(incoming),
        net_rials=int(incoming) - int(outgoing),
    )


def _added_up(begin: datetime, end: datetime, positions: list[ClubPosition]) -> ClubClearing:
    return ClubClearing(
        begin=begin,
        end=end,
        positions=positions,
        total_rials=sum(position.net_rials for position in positions),
    )
