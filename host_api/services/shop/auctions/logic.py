"""Making, showing and cancelling auctions, and settling those that are over."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.services.shop.auctions import telling
from host_api.services.shop.auctions.giving_back import give_back
from host_api.services.shop.auctions.listing import AuctionQuery
from host_api.services.shop.auctions.models import ShopAuction, ShopBid
from host_api.services.shop.auctions.problems import (
    AuctionEnded,
    AuctionNotFound,
    AuctionTimesDisagree,
    NotForAuction,
)
from host_api.services.shop.auctions.schemas import AuctionCreate, AuctionRead
from host_api.services.shop.auctions.states import AuctionState, BidState
from host_api.services.shop.catalogue import logic as catalogue
from host_api.services.shop.catalogue.problems import SoldOut
from host_api.services.shop.catalogue.schemas import ItemKind
from host_api.services.shop.catalogue.stock import change_stock
from host_api.services.shop.events import AUCTION_ENDED, AuctionSettled
from host_api.services.shop.order.paying import sell_paid

_DUE_AT_ONCE: Final = 100


async def create(session: WriteSession, wanted: AuctionCreate, caller: Caller, now: datetime) -> AuctionRead:
    """Keep an auction, and a piece of the item for it.

    Raises:
        ItemNotFound, NotForAuction, AuctionTimesDisagree, SoldOut
    """
    item = await catalogue.find_item(session, wanted.item_id)
    kind = ItemKind(item.kind)
    if kind.has_codes or kind is ItemKind.RESERVATION:
        raise NotForAuction
    starts_at = wanted.starts_at or now
    if not max(starts_at, now) < wanted.ends_at:
        raise AuctionTimesDisagree
    if not await change_stock(session, item, -1):
        raise SoldOut
    auction = ShopAuction(
        item_id=item.id,
        purse=item.purse,
        starts_at=starts_at,
        ends_at=wanted.ends_at,
        latest_end_at=wanted.ends_at + timedelta(minutes=wanted.extend_most_minutes),
        start_units=wanted.start_units,
        step_units=wanted.step_units,
        extend_within_s=wanted.extend_within_s,
        extend_by_s=wanted.extend_by_s,
        state=AuctionState.OPEN.value,
        units=0,
        bids=0,
        created_by=caller.name,
        created_at=now,
    )
    session.add(auction)
    await session.flush()
    return shown(auction, now)


async def cancel(session: WriteSession, auction_id: int, reason: str, caller: Caller) -> AuctionRead:
    """Give an auction up; what was bid goes back, and the piece into the stock.

    Raises:
        AuctionNotFound, AuctionEnded
    """
    auction = await lock(session, auction_id)
    if auction.state != AuctionState.OPEN:
        raise AuctionEnded
    auction.cancel_reason = reason
    leading = await _leading(session, auction)
    if leading is not None:
        await give_back(session, auction, leading, caller)
    await _end(session, auction, AuctionState.CANCELLED, None)
    return shown(auction, utc_now())


async def due(session: AnySession, now: datetime) -> list[int]:
    """Auctions whose time is over and that are not settled, the earliest first."""
    found = await session.scalars(
        select(ShopAuction.id)
        .where(ShopAuction.state == AuctionState.OPEN.value, ShopAuction.ends_at <= now)
        .order_by(ShopAuction.ends_at, ShopAuction.id)
        .limit(_DUE_AT_ONCE)
    )
    return list(found)


async def settle(session: WriteSession, auction_id: int, now: datetime) -> bool:
    """Sell to the highest bid once all bids are decided; whether that was done.

    A bid that the switch still decides may put the end off, so it is waited for. One in doubt isn't: it is
    given back when it is known to have been taken.
    """
    auction = await lock(session, auction_id)
    if auction.state != AuctionState.OPEN or auction.ends_at > now:
        return False
    is_asked = exists().where(ShopBid.auction_id == auction_id, ShopBid.state == BidState.ASKED.value)
    if await session.scalar(select(is_asked)):
        return False
    leading = await _leading(session, auction)
    if leading is None:
        await _end(session, auction, AuctionState.UNSOLD, None)
        return True
    item = await catalogue.find_item(session, auction.item_id)
    order = await sell_paid(
        session, item, leading.member_id, units=leading.units, rrn=leading.rrn or "", by=auction.created_by
    )
    leading.state, leading.changed_at = BidState.WON.value, now
    auction.order_id = order.id
    await _end(session, auction, AuctionState.SOLD, leading)
    await telling.tell_won(session, auction, leading, item)
    return True


async def find(session: AnySession, auction_id: int) -> ShopAuction:
    """An auction.

    Raises:
        AuctionNotFound
    """
    auction = await session.get(ShopAuction, auction_id)
    if auction is None:
        raise AuctionNotFound
    return auction


async def lock(session: WriteSession, auction_id: int) -> ShopAuction:
    """An auction with its bids, which nobody else changes until the transaction ends.

    Raises:
        AuctionNotFound
    """
    auction = await session.get(ShopAuction, auction_id, with_for_update=True, populate_existing=True)
    if auction is None:
        raise AuctionNotFound
    return auction


async def read_page(session: ReadSession, query: AuctionQuery) -> Page[AuctionRead]:
    """A page of auctions."""
    rows, next_cursor = await read_rows(session, select(ShopAuction), query)
    now = utc_now()
    return Page(items=[shown(row, now) for row in rows], next_cursor=next_cursor)


def is_open(auction: ShopAuction, now: datetime) -> bool:
    """Whether members can bid."""
    return auction.state == AuctionState.OPEN and auction.starts_at <= now < auction.ends_at


def least_bid(auction: ShopAuction) -> int:
    """The least that can be bid."""
    return auction.units + auction.step_units if auction.units else auction.start_units


def shown(auction: ShopAuction, now: datetime) -> AuctionRead:
    """An auction as it is shown."""
    columns = {name: getattr(auction, name) for name in AuctionRead.model_fields if hasattr(auction, name)}
    return AuctionRead(**columns, is_open_now=is_open(auction, now), least_bid=least_bid(auction))


async def _leading(session: WriteSession, auction: ShopAuction) -> ShopBid | None:
    if auction.leading_bid_id is None:
        return None
    return await session.get_one(ShopBid, auction.leading_bid_id, with_for_update=True)


async def _end(
    session: WriteSession, auction: ShopAuction, state: AuctionState, winner: ShopBid | None
) -> None:
    auction.state, auction.ended_at = state.value, utc_now()
    if winner is None:
        await change_stock(session, await catalogue.find_item(session, auction.item_id), 1)
    settled = AuctionSettled(
        auction_id=auction.id,
        item_id=auction.item_id,
        state=state,
        member_id=None if winner is None else winner.member_id,
        units=None if winner is None else winner.units,
    )
    emit(session, AUCTION_ENDED, Subject("shop_auction", auction.id), settled)
    await session.flush()
