"""Who introduced whom, for services that reward introducers otherwise."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.core.tehran_time import UtcPeriod
from host_api.services.referral_network import tree
from host_api.services.referral_network.models import NetworkPlace
from host_api.services.referral_network.scoring import counts_at


async def introducers_at(
    session: AnySession, moments: Iterable[tuple[int, datetime]]
) -> dict[tuple[int, datetime], int]:
    """The introducers of members at instants; without those whose branch didn't count then."""
    wanted = list(moments)
    places = await tree.branches_of(session, {member_id for member_id, _ in wanted})
    return {
        (member_id, at): place.upline[0]
        for member_id, at in wanted
        if (place := places.get(member_id)) is not None and place.upline and counts_at(place, at)
    }


async def begun_in(session: AnySession, introducer: int, period: UtcPeriod) -> int:
    """How many branches of a member have begun in a period, of those that hang on them now."""
    found = await session.scalar(
        select(func.count())
        .select_from(NetworkPlace)
        .where(
            NetworkPlace.introducer == introducer,
            NetworkPlace.since >= period.start,
            NetworkPlace.since < period.end,
        )
    )
    return found or 0
