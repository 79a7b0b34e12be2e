"""Where branches lie, for services that ask how far apart two of them are."""

from collections.abc import Collection

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.services.merchants.models import Branch, Merchant


async def locations_of(
    session: AnySession, branches: Collection[tuple[str, int]]
) -> dict[tuple[str, int], tuple[int, int]]:
    """Latitude and longitude in microdegrees, by merchant id (field 42) and branch number; those that are
    known."""
    if not branches:
        return {}
    rows = await session.execute(
        select(
            Merchant.merchant_id,
            Branch.branch_number,
            Branch.latitude_microdegrees,
            Branch.longitude_microdegrees,
        )
        .join(Merchant, Merchant.id == Branch.merchant_key)
        .where(
            Merchant.merchant_id.in_({merchant for merchant, _ in branches}),
            Branch.latitude_microdegrees.is_not(None),
        )
    )
    return {
        (merchant, number): (latitude, longitude)
        for merchant, number, latitude, longitude in rows
        if (merchant, number) in branches and latitude is not None and longitude is not None
    }
