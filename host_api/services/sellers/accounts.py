"""Sellers' accounts: what may cost a seller is held within its limit first, and booked or freed after."""

from collections.abc import Iterable

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.services.sellers.models import Seller, SellerAccount, SellerLine
from host_api.services.sellers.problems import SellerLimitReached, SellerNotFound
from host_api.services.sellers.states import SellerLineKind


async def account_of(session: AnySession, seller_id: int) -> SellerAccount:
    """How things stand with a seller."""
    return (await session.scalars(select(SellerAccount).where(SellerAccount.seller_id == seller_id))).one()


async def lock_accounts(session: WriteSession, seller_ids: Iterable[int]) -> None:
    """Keep accounts from others in the order of their ids, for whoever changes several in one transaction."""
    await session.execute(
        select(SellerAccount.seller_id)
        .where(SellerAccount.seller_id.in_(sorted(set(seller_ids))))
        .order_by(SellerAccount.seller_id)
        .with_for_update()
    )


async def hold(session: WriteSession, seller_id: int, rials: int) -> None:
    """Set aside what something may cost a seller.

    Raises:
        SellerLimitReached
    """
    if rials <= 0:
        return
    seller = await session.get(Seller, seller_id)
    if seller is None:
        raise SellerNotFound
    account = await _lock(session, seller_id)
    if account.owed_rials + account.held_rials + rials > seller.credit_limit_rials:
        raise SellerLimitReached
    account.held_rials += rials
    await session.flush()


async def free(session: WriteSession, seller_id: int, rials: int) -> None:
    """What was held costs nothing."""
    if rials > 0:
        account = await _lock(session, seller_id)
        account.held_rials -= rials
        await session.flush()


async def book(
    session: WriteSession,
    seller_id: int,
    rials: int,
    kind: SellerLineKind,
    *,
    service: str,
    reference: str,
    held_rials: int = 0,
) -> None:
    """Write a line; of each kind a service's reference has one.

    Parameters:
        rials: plus is what the seller owes.
        held_rials: what was held for it, and is so no longer.
    """
    account = await _lock(session, seller_id)
    account.held_rials -= held_rials
    if rials:
        account.owed_rials += rials
        session.add(
            SellerLine(
                seller_id=seller_id,
                kind=kind.value,
                service=service,
                reference=reference,
                rials=rials,
                owed_after_rials=account.owed_rials,
                at=utc_now(),
            )
        )
    await session.flush()


async def _lock(session: WriteSession, seller_id: int) -> SellerAccount:
    return (
        await session.scalars(
            select(SellerAccount).where(SellerAccount.seller_id == seller_id).with_for_update()
        )
    ).one()
