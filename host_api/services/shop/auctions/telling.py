"""What bidders are told."""

from host_api.core.database import WriteSession
from host_api.core.persian_text import persian_digits
from host_api.services.messages.logic import tell_member
from host_api.services.shop.auctions.models import ShopAuction, ShopBid
from host_api.services.shop.catalogue import logic as catalogue
from host_api.services.shop.catalogue.models import ShopItem


async def tell_won(session: WriteSession, auction: ShopAuction, bid: ShopBid, item: ShopItem) -> None:
    """The member has bought the piece."""
    await tell_member(
        session,
        bid.member_id,
        topic="auction-won",
        reference=str(auction.id),
        text_fa=persian_digits(f"مزایدهٔ «{item.title_fa}» را با {bid.units} امتیاز بردید."),
        text_en=f"You have won the auction of “{item.title}” for {bid.units} points.",
    )


async def tell_returned(session: WriteSession, auction: ShopAuction, bid: ShopBid) -> None:
    """The bid's points are back, unless the member's own higher bid has taken its place."""
    if auction.leading_bid_id not in (None, bid.id):
        leading = await session.get_one(ShopBid, auction.leading_bid_id)
        if leading.member_id == bid.member_id:
            return
    item = await catalogue.find_item(session, auction.item_id)
    await tell_member(
        session,
        bid.member_id,
        topic="auction-returned",
        reference=str(bid.id),
        text_fa=persian_digits(f"{bid.units} امتیاز پیشنهاد شما در مزایدهٔ «{item.title_fa}» برگشت."),
        text_en=f"The {bid.units} points of your bid for “{item.title}” are back.",
    )
