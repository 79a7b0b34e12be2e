"""What members do with offers: open, claim, use."""

from datetime import datetime

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.services.groups.audience import is_in
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.offers import giving, logic
from host_api.services.offers.events import OFFER_CLAIMED, OFFER_USED, OfferActed
from host_api.services.offers.listing import OfferedQuery
from host_api.services.offers.models import Offer, OfferCount, OfferedMember
from host_api.services.offers.problems import (
    OfferClaimedAlready,
    OfferElsewhere,
    OfferGone,
    OfferNotClaimed,
    OfferNotForMember,
    OfferNotOpen,
)
from host_api.services.offers.schemas import Allocation, OfferedRead, OfferedState, UseWanted

_WAITS = (OfferedState.OFFERED, OfferedState.CLAIMED, OfferedState.CANDIDATE)


async def offer_to(
    session: WriteSession, offer_id: int, member_id: int, *, source: str, now: datetime
) -> bool:
    """Put an offer before a member, whatever its allocation; whether the member did not have it.

    Raises:
        OfferNotFound, OfferNotOpen
    """
    offer = await logic.find(session, offer_id)
    if not logic.holds(offer, now):
        raise OfferNotOpen
    return await insert(session, offer, {member_id: 0}, OfferedState.OFFERED, source=source, now=now) == 1


async def insert(
    session: WriteSession,
    offer: Offer,
    ranks: dict[int, int],
    state: OfferedState,
    *,
    source: str,
    now: datetime,
) -> int:
    """Give members rows for an offer who have none; how many.

    Parameters:
        ranks: by member number; the lowest is the first to be chosen.
    """
    ends_at = logic.ends_at(offer, now)
    return await insert_missing(
        session,
        OfferedMember,
        [
            {
                "offer_id": offer.id,
                "member_id": member_id,
                "state": state.value,
                "rank": rank,
                "source": source,
                "claims": 0,
                "uses": 0,
                "offered_at": now,
                "ends_at": ends_at,
            }
            for member_id, rank in sorted(ranks.items())
        ],
    )


async def open_offer(session: WriteSession, offer_id: int, member_id: int, now: datetime) -> OfferedRead:
    """Note that a member has looked at an offer, the first time.

    Raises:
        OfferNotFound, OfferNotOpen, OfferNotForMember, members.MemberNotFound
    """
    _, row = await _row_for(session, offer_id, member_id, now)
    row.opened_at = row.opened_at or now
    await session.flush()
    return shown(row, now)


async def claim(
    session: WriteSession, offer_id: int, member_id: int, caller: Caller, now: datetime
) -> OfferedRead:
    """Take an offer for a member.

    Raises:
        OfferNotFound, OfferNotOpen, OfferNotForMember, OfferClaimedAlready, OfferGone,
        members.MemberNotFound, prizes.PrizeGone, discount_codes.PoolEmpty
    """
    offer, row = await _row_for(session, offer_id, member_id, now)
    if row.state == OfferedState.CLAIMED or row.claims >= offer.per_member:
        raise OfferClaimedAlready
    await _take_one(session, offer)
    row.state, row.claims = OfferedState.CLAIMED.value, row.claims + 1
    row.opened_at, row.claimed_at = row.opened_at or now, now
    row.used_at = row.used_rrn = row.given_id = None
    await giving.give(session, offer, row, caller)
    subject = Subject("offer", offer.id)
    emit(session, OFFER_CLAIMED, subject, OfferActed(offer_id=offer.id, member_id=member_id))
    await session.flush()
    return shown(row, now)


async def use(session: WriteSession, offer_id: int, wanted: UseWanted, now: datetime) -> OfferedRead:
    """Note at a counter that a member uses what was claimed.

    Raises:
        OfferNotFound, OfferNotOpen, OfferNotClaimed, OfferElsewhere
    """
    offer = await logic.find(session, offer_id)
    if not logic.holds(offer, now):
        raise OfferNotOpen
    row = await lock(session, offer_id, wanted.member_id)
    if row is None or state_of(row, now) is not OfferedState.CLAIMED:
        raise OfferNotClaimed
    _check_place(offer, wanted)
    await mark_used(session, offer, row, now)
    return shown(row, now)


async def mark_used(
    session: WriteSession, offer: Offer, row: OfferedMember, now: datetime, rrn: str | None = None
) -> None:
    """A claimed offer, whose row is locked, has been used."""
    row.state, row.used_at, row.used_rrn, row.uses = OfferedState.USED.value, now, rrn, row.uses + 1
    await giving.take_away(session, offer, [row.member_id])
    emit(
        session,
        OFFER_USED,
        Subject("offer", offer.id),
        OfferActed(offer_id=offer.id, member_id=row.member_id),
    )
    await session.flush()


async def lock(session: WriteSession, offer_id: int, member_id: int) -> OfferedMember | None:
    """A member's offer, which nobody else changes until the transaction ends."""
    found: OfferedMember | None = await session.scalar(
        select(OfferedMember)
        .where(OfferedMember.offer_id == offer_id, OfferedMember.member_id == member_id)
        .with_for_update()
    )
    return found


async def read_page(
    session: ReadSession, offer_id: int, query: OfferedQuery, now: datetime
) -> Page[OfferedRead]:
    """A page of an offer's members.

    Raises:
        OfferNotFound
    """
    await logic.find(session, offer_id)
    rows, next_cursor = await read_rows(
        session, select(OfferedMember).where(OfferedMember.offer_id == offer_id), query
    )
    return Page(items=[shown(row, now) for row in rows], next_cursor=next_cursor)


async def of_member(session: AnySession, member_id: int) -> list[OfferedMember]:
    """All that a member was ever offered, by offer."""
    rows = await session.scalars(
        select(OfferedMember)
        .where(OfferedMember.member_id == member_id)
        .order_by(OfferedMember.offer_id)
        .limit(10_000)
    )
    return list(rows)


async def may_have(session: AnySession, offer: Offer, member_id: int, now: datetime) -> bool:
    """Whether a member without a row could get one by asking."""
    return offer.allocation == Allocation.FIRST_COME and await is_in(session, offer.audience, member_id, now)


def state_of(row: OfferedMember, now: datetime) -> OfferedState:
    """Where it stands at `now`, whether or not a job has come by."""
    state = OfferedState(row.state)
    return OfferedState.EXPIRED if state in _WAITS and row.ends_at <= now else state


def shown(row: OfferedMember, now: datetime) -> OfferedRead:
    """The member's offer as it is shown."""
    values = {name: getattr(row, name) for name in OfferedRead.model_fields if name != "state"}
    return OfferedRead(state=state_of(row, now), **values)


async def _row_for(
    session: WriteSession, offer_id: int, member_id: int, now: datetime
) -> tuple[Offer, OfferedMember]:
    """An open offer, and the member's row, locked; made where the first who come may have it."""
    offer = await logic.find(session, offer_id)
    if not logic.holds(offer, now):
        raise OfferNotOpen
    if (await members.read(session, member_id)).status != MemberStatus.ACTIVE:
        raise OfferNotForMember
    row = await lock(session, offer_id, member_id)
    if row is None and await may_have(session, offer, member_id, now):
        await insert(session, offer, {member_id: 0}, OfferedState.OFFERED, source="claim", now=now)
        row = await lock(session, offer_id, member_id)
    if row is None or state_of(row, now) in {OfferedState.CANDIDATE, OfferedState.EXPIRED}:
        raise OfferNotForMember
    return offer, row


async def _take_one(session: WriteSession, offer: Offer) -> None:
    count = await session.scalar(select(OfferCount).where(OfferCount.offer_id == offer.id).with_for_update())
    if count is None:
        raise LookupError("an offer has no count")
    if offer.stock is not None and count.taken >= offer.stock:
        raise OfferGone
    count.taken += 1


def _check_place(offer: Offer, wanted: UseWanted) -> None:
    if not offer.merchants and not offer.branches:
        return
    is_merchants = wanted.merchant_id in offer.merchants
    is_branch = f"{wanted.merchant_id}/{wanted.branch_number}" in offer.branches
    if not is_merchants and not is_branch:
        raise OfferElsewhere
