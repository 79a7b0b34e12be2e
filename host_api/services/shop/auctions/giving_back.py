"""Bids that go back to their members, with the expiry that the points had; asked for until it is done."""

from typing import Final

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import return_of_debit
from host_api.services.shop.auctions.models import ShopAuction, ShopBid
from host_api.services.shop.auctions.states import BidState

SERVICE: Final = "shop_auctions"
BID: Final = "bid"
BACK: Final = "back"


async def give_back(session: WriteSession, auction: ShopAuction, bid: ShopBid, caller: Caller) -> None:
    """Ask the switch to give back what a bid has set aside; the auction is locked."""
    if bid.rrn is None:
        raise LookupError("a bid was taken without a transaction")
    bid.state, bid.changed_at = BidState.RETURNING.value, utc_now()
    bid.attempts += 1
    await request_points(
        session,
        return_of_debit(bid.member_id, auction.purse, bid.units, bid.rrn),
        service=SERVICE,
        reference=f"{bid.id}:{BACK}:{bid.attempts}",
        asked_by=caller,
        reason=f"shop auction {auction.id}",
    )
