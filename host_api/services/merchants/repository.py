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


async def merchant_page(session: AnySession, *, after: int | None, limit: int) -> list[Merchant]:
    """Merchants by id."""
    statement = select(Merchant).order_by(Merchant.id).limit(limit)
    if after is not None:
        statement = statement.where(Merchant.id > after)
    return list(await session.scalars(statement))


async def find_branch(session: AnySession, branch_id: int) -> Branch | None:
    """The branch with this id and its merchant."""
    return await session.scalar(
        select(Branch).where(Branch.id == branch_id).options(joinedload(Branch.merchant))
    )


async def branch_page(
    session: AnySession, *, merchant_key: int | None, after: int | None, limit: int
) -> list[Branch]:
    """Branches by id, with their merchants."""
    statement = select(Branch).options(joinedload(Branch.merchant)).order_by(Branch.id).limit(limit)
    if merchant_key is not None:
        statement = statement.where(Branch.merchant_key == merchant_key)
    if after is not None:
        statement = statement.where(Branch.id > after)
    return list(await session.scalars(statement))
