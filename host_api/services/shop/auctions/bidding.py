"""Bids: asked of the switch at once, so that who leads can pay; the order of its answers changes nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, func, select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.service import Notice
from host_api.services.groups.audience import is_in
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.shop.auctions import logic, telling
from host_api.services.shop.auctions.giving_back import BID, SERVICE, give_back
from host_api.services.shop.auctions.listing import BidQuery
from host_api.services.shop.auctions.models import ShopAuction, ShopBid
from host_api.services.shop.auctions.problems import (
    AuctionNotOpen,
    BidNotFound,
    BidNotUnreturned,
    BidTooLow,
    BidUndecided,
    NotAdmittedToBid,
)
from host_api.services.shop.auctions.schemas import BidCreate, BidRead
from host_api.services.shop.auctions.states import AuctionState, BidState
from host_api.services.shop.catalogue import logic as catalogue

# A member looks on, and the settlement waits: a bid that the switch has not taken by then is taken back.
PATIENCE: Final = timedelta(minutes=2)


async def bid(
    session: WriteSession, auction_id: int, wanted: BidCreate, caller: Caller
) -> tuple[BidRead, int]:
    """Bid for a member; the bid, and the id of the request for its points.

    Whether it comes in time is decided here and now, by the server's clock.

    Raises:
        members.MemberNotFound, AuctionNotFound, AuctionNotOpen, NotAdmittedToBid, BidUndecided, BidTooLow
    """
    member = await members.read(session, wanted.member_id)
    # Whoever waited here for others is as late as the lock.
    auction = await logic.lock(session, auction_id)
    now = utc_now()
    if not logic.is_open(auction, now):
        raise AuctionNotOpen
    item = await catalogue.find_item(session, auction.item_id)
    if member.status is not MemberStatus.ACTIVE or not await is_in(session, item.audience, member.id, now):
        raise NotAdmittedToBid
    is_asked = exists().where(
        ShopBid.auction_id == auction_id,
        ShopBid.member_id == member.id,
        ShopBid.state == BidState.ASKED.value,
    )
    if await session.scalar(select(is_asked)):
        raise BidUndecided
    if wanted.units < logic.least_bid(auction):
        raise BidTooLow
    row = ShopBid(
        auction_id=auction_id,
        member_id=member.id,
        units=wanted.units,
        state=BidState.ASKED.value,
        attempts=0,
        bid_by=caller.name,
        bid_at=now,
        changed_at=now,
    )
    session.add(row)
    await session.flush()
    reason = f"shop auction {auction_id}"
    request_id = await request_points(
        session,
        debit(member.id, auction.purse, wanted.units, reason),
        service=SERVICE,
        reference=f"{row.id}:{BID}",
        asked_by=caller,
        reason=reason,
        patience=PATIENCE,
    )
    return shown(row), request_id


async def retry(session: WriteSession, bid_id: int, caller: Caller) -> BidRead:
    """Ask the switch once more to give back a bid that it refused to.

    Raises:
        BidNotFound, BidNotUnreturned
    """
    auction, row = await _lock(session, bid_id)
    if row.state != BidState.UNRETURNED:
        raise BidNotUnreturned
    await give_back(session, auction, row, caller)
    return shown(row)


async def notices(session: ReadSession) -> Sequence[Notice]:
    """Bids that the switch would not give back."""
    found = await session.execute(
        select(func.count(ShopBid.id), func.min(ShopBid.changed_at)).where(
            ShopBid.state == BidState.UNRETURNED.value
        )
    )
    count, since = found.one()
    if not count or not isinstance(since, datetime):
        return ()
    return (
        Notice(
            "shop-bid-unreturned",
            f"The switch has refused to give back {count} bids of auctions; try them again",
            f"سوئیچ برگشت {count} پیشنهاد مزایده را نپذیرفته است؛ دوباره بفرستید.",
            since,
        ),
    )


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what the switch made of a bid's points, or of their return."""
    bid_id, what, *_ = outcome.reference.split(":")
    auction, row = await _lock(session, int(bid_id))
    row.changed_at = utc_now()
    row.response_code = outcome.response_code
    if what == BID:
        await _on_bid(session, auction, row, outcome)
    elif outcome.state is not RequestState.DOUBTFUL:  # of one in doubt reconciliation tells again
        is_back = outcome.state is RequestState.APPROVED
        row.state = (BidState.RETURNED if is_back else BidState.UNRETURNED).value
        if is_back:
            await telling.tell_returned(session, auction, row)
    await session.flush()


async def read(session: AnySession, bid_id: int) -> BidRead:
    """One bid.

    Raises:
        BidNotFound
    """
    row = await session.get(ShopBid, bid_id, populate_existing=True)
    if row is None:
        raise BidNotFound
    return shown(row)


async def read_page(session: ReadSession, query: BidQuery) -> Page[BidRead]:
    """A page of bids."""
    rows, next_cursor = await read_rows(session, select(ShopBid), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def shown(row: ShopBid) -> BidRead:
    """A bid as it is shown."""
    return BidRead.model_validate({name: getattr(row, name) for name in BidRead.model_fields})


async def _on_bid(session: WriteSession, auction: ShopAuction, row: ShopBid, outcome: Outcome) -> None:
    row.rrn = outcome.rrn
    if outcome.state is RequestState.DOUBTFUL:
        row.state = BidState.DOUBTFUL.value
        return
    if outcome.state is not RequestState.APPROVED:
        row.state = BidState.REFUSED.value
        return
    caller = system_caller(SERVICE, programme_of(session.sync_session))
    before = None
    if auction.leading_bid_id is not None:
        before = await session.get_one(ShopBid, auction.leading_bid_id, with_for_update=True)
    if auction.state != AuctionState.OPEN or (before is not None and not _is_higher(row, before)):
        await give_back(session, auction, row, caller)
        return
    row.state = BidState.LEADING.value
    auction.leading_bid_id, auction.units = row.id, row.units
    auction.bids += 1
    _put_off(auction, row)
    if before is not None:
        await give_back(session, auction, before, caller)


def _is_higher(row: ShopBid, before: ShopBid) -> bool:
    """Of equal bids the earlier one leads, whichever is answered first."""
    return (row.units, -row.id) > (before.units, -before.id)


def _put_off(auction: ShopAuction, row: ShopBid) -> None:
    """Leave others time to answer a bid that came late."""
    if row.bid_at + timedelta(seconds=auction.extend_within_s) > auction.ends_at:
        later = min(row.bid_at + timedelta(seconds=auction.extend_by_s), auction.latest_end_at)
        auction.ends_at = max(auction.ends_at, later)


async def _lock(session: WriteSession, bid_id: int) -> tuple[ShopAuction, ShopBid]:
    """A bid and its auction: the auction first, as everywhere."""
    found = await session.get(ShopBid, bid_id)
    if found is None:
        raise BidNotFound
    auction = await logic.lock(session, found.auction_id)
    return auction, await session.get_one(ShopBid, bid_id, with_for_update=True, populate_existing=True)
