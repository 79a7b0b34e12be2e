"""What becomes of a place whose member is merged into another, or erased."""

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.services.members import selection
from host_api.services.referral_network import changes, tree
from host_api.services.referral_network.models import NetworkPlace
from host_api.services.referral_network.schemas import NetworkChangeKind


async def absorb(session: WriteSession, from_member_id: int, to_member_id: int) -> None:
    """Hang the branches of a merged record on the one it went into, and that on its introducer if need be.

    The merged record's code stands for the other one from now on, and what is still due goes there.
    """
    now = utc_now()
    await selection.lock(session, [from_member_id, to_member_id])
    await tree.pass_gate(session)
    old = await tree.find(session, from_member_id)
    if old is None or old.closed_at is not None:
        return
    new = await tree.open_place_of(session, to_member_id)
    above = None if old.introducer is None else await tree.find(session, old.introducer)
    if from_member_id in await _all_above(session, new) or (
        new.introducer is None and to_member_id not in await _all_above(session, old)
    ):
        await tree.hang(session, new, above)
        new.since, new.counts_from, new.until = old.since, old.counts_from, old.until
        new.registered_at = new.registered_at or old.registered_at
        new.introduction_paid_at = new.introduction_paid_at or old.introduction_paid_at
        new.expired_at, new.suspended_at = old.expired_at, old.suspended_at
    branches = await tree.branches(session, from_member_id)
    for branch in branches:
        await tree.hang(session, branch, new)
    await tree.hang(session, old, None)
    old.closed_at, old.merged_into = now, to_member_id
    old.since = old.counts_from = old.until = old.suspended_at = None
    changes.note(
        session,
        NetworkChangeKind.MERGED,
        from_member_id,
        by_name="member_merging",
        other_member_id=to_member_id,
    )
    await session.flush()
    await tree.tell_switch(session, [new, *branches], now)


async def close_erased(session: WriteSession, place: NetworkPlace) -> None:
    """Have an erased member take no part; the place stays, so that nobody else's upline changes."""
    place.code = None
    place.closed_at = utc_now()
    changes.note(session, NetworkChangeKind.ERASED, place.member_id, by_name="privacy")
    await session.flush()


async def _all_above(session: WriteSession, place: NetworkPlace) -> set[int]:
    """The introducers of a place up to the root."""
    found: set[int] = set()
    above: NetworkPlace | None = place
    while above is not None and above.upline:
        found |= set(above.upline)
        above = await tree.find(session, above.upline[-1])
    return found
