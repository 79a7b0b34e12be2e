"""What a person should look at in the shop."""

from collections.abc import Sequence

from host_api.core.database import ReadSession
from host_api.core.service import Notice
from host_api.services.shop.auctions import bidding
from host_api.services.shop.order import logic as orders


async def notices(session: ReadSession) -> Sequence[Notice]:
    """Points of orders and of bids that the switch would not give back."""
    return (*await orders.notices(session), *await bidding.notices(session))
