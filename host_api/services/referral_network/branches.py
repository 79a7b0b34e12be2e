"""Branches that are suspended, resumed, or run out."""

from datetime import datetime

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.tehran_time import tehran_date
from host_api.services.members import selection
from host_api.services.referral_network import changes, tree
from host_api.services.referral_network.models import NetworkPlace
from host_api.services.referral_network.problems import BranchAlreadySo, BranchNotFound
from host_api.services.referral_network.schemas import NetworkChangeKind


async def suspend(session: WriteSession, caller: Caller, member_id: int, reason: str) -> None:
    """Have purchases of a member, and of all below, no longer count for anybody above.

    Raises:
        BranchNotFound, BranchAlreadySo
    """
    now = utc_now()
    place = await _branch(session, member_id)
    if place.suspended_at is not None:
        raise BranchAlreadySo
    place.suspended_at = now
    changes.note(
        session,
        NetworkChangeKind.SUSPENDED,
        member_id,
        by_name=caller.name,
        other_member_id=place.introducer,
        reason=reason,
    )
    await tree.tell_switch(session, [place], now)


async def resume(session: WriteSession, caller: Caller, member_id: int) -> None:
    """Have a suspended branch count again, for purchases from now on.

    Raises:
        BranchNotFound, BranchAlreadySo
    """
    now = utc_now()
    place = await _branch(session, member_id)
    if place.suspended_at is None:
        raise BranchAlreadySo
    # What was bought meanwhile stays uncounted, also where the feed tells of it late.
    place.suspended_at, place.counts_from = None, now
    changes.note(
        session, NetworkChangeKind.RESUMED, member_id, by_name=caller.name, other_member_id=place.introducer
    )
    await tree.tell_switch(session, [place], now)


async def tell_expired(session: WriteSession, now: datetime, limit: int) -> int:
    """Put branches whose last day has passed into the feed; how many there were."""
    is_over = (NetworkPlace.until < tehran_date(now)) & NetworkPlace.expired_at.is_(None)
    in_order = select(NetworkPlace.member_id).where(is_over).order_by(NetworkPlace.until).limit(limit)
    member_ids = list(await session.scalars(in_order))
    await selection.lock(session, member_ids)
    await tree.pass_gate(session)
    found = await session.scalars(
        select(NetworkPlace)
        .where(NetworkPlace.member_id.in_(member_ids), is_over)
        .order_by(NetworkPlace.member_id)
        .execution_options(populate_existing=True)
    )
    places = found.all()
    for place in places:
        place.expired_at = now
        changes.note(
            session,
            NetworkChangeKind.EXPIRED,
            place.member_id,
            by_name="referral_network",
            other_member_id=place.introducer,
        )
    await tree.tell_switch(session, places, now)
    return len(member_ids)


async def _branch(session: WriteSession, member_id: int) -> NetworkPlace:
    await selection.lock(session, [member_id])
    await tree.pass_gate(session)
    place = await tree.find(session, member_id)
    if place is None or place.introducer is None:
        raise BranchNotFound
    return place
