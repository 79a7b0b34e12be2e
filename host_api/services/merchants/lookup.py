"""Merchants and branches by the numbers that transactions have for them."""

from collections.abc import Collection

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.services.merchants.models import Branch, Merchant


async def name_of(session: AnySession, merchant_id: str) -> str | None:
    """The name of the merchant with this id of field 42."""
    return await session.scalar(select(Merchant.name).where(Merchant.merchant_id == merchant_id))


async def branch_names(
    session: AnySession, branches: Collection[tuple[str, int]]
) -> dict[tuple[str, int], tuple[str, str]]:
    """Names of merchant and branch by merchant id and branch number; those unknown are left out."""
    rows = await session.execute(
        select(Merchant.merchant_id, Branch.branch_number, Merchant.name, Branch.name)
        .join(Branch, Branch.merchant_key == Merchant.id)
        .where(Merchant.merchant_id.in_({merchant_id for merchant_id, _ in branches}))
    )
    found = {(merchant_id, number): (name, branch) for merchant_id, number, name, branch in rows}
    return {key: found[key] for key in branches if key in found}
