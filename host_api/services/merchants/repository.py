"""Queries of the merchants service."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from host_api.core.database import AnySession, WriteSession
from host_api.services.merchants.models import Branch, Merchant


async def add(session: WriteSession, row: Merchant | Branch) -> None:
    """Store a new row and give it its id."""
    session.add(row)
    await session.flush()


async def is_merchant_id_taken(session: AnySession, merchant_id: str) -> bool:
    """Whether a merchant has this card acceptor id already."""
    return bool(await session.scalar(select(exists().where(Merchant.merchant_id == merchant_id))))


async def find_merchant(session: AnySession, key: int) -> Merchant | None:
    """The merchant with this id."""
    return await session.get(Merchant, key)


async def lock_merchant(session: WriteSession, key: int) -> Merchant | None:
    """The merchant with this id, kept from other writers until the transaction ends."""
    return await session.get(Merchant, key, with_for_update=True)


async def highest_branch_number(session: AnySession, merchant_key: int) -> int:
    """The highest branch number of a merchant, 0 without branches."""
    highest = await session.scalar(
        select(func.max(Branch.branch_number)).where(Branch.merchant_key == merchant_key)
    )
    return highest or 0


async def find_branch(session: AnySession, branch_id: int) -> Branch | None:
    """The branch with this id and its merchant."""
    return await session.scalar(
        select(Branch).where(Branch.id == branch_id).options(joinedload(Branch.merchant))
    )


async def branch_ids(session: AnySession, merchant_key: int) -> list[int]:
    """All branches of a merchant, by number."""
    rows = await session.scalars(
        select(Branch.id).where(Branch.merchant_key == merchant_key).order_by(Branch.branch_number)
    )
    return list(rows)
