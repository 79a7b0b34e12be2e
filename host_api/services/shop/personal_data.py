"""What the shop holds of a member, for export and erasing."""

import json
from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import exists, or_, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.shop.auctions.models import ShopBid
from host_api.services.shop.auctions.states import BidState
from host_api.services.shop.cart import logic as cart
from host_api.services.shop.order.models import DELIVERY, ShopGivingBack, ShopOrder, ShopOrderLine
from host_api.services.shop.order.states import GivingBackState, OrderLineState
from host_api.services.shop.vouchers.models import ShopVoucher

_OPEN = (
    OrderLineState.PAYING.value,
    OrderLineState.DOUBTFUL.value,
    OrderLineState.PAID.value,
    OrderLineState.PREPARING.value,
    OrderLineState.SENT.value,
    OrderLineState.READY.value,
)
_HELD = tuple(state.value for state in BidState if state.holds_points)
_MOST = 10_000


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    orders = await session.scalars(
        select(ShopOrder).where(ShopOrder.member_id == member_id).order_by(ShopOrder.id.desc()).limit(_MOST)
    )
    lines = await session.scalars(
        select(ShopOrderLine)
        .where(ShopOrderLine.member_id == member_id)
        .order_by(ShopOrderLine.id.desc())
        .limit(_MOST)
    )
    vouchers = await session.scalars(
        select(ShopVoucher)
        .where(ShopVoucher.member_id == member_id)
        .order_by(ShopVoucher.id.desc())
        .limit(_MOST)
    )
    bids = await session.scalars(
        select(ShopBid).where(ShopBid.member_id == member_id).order_by(ShopBid.id.desc()).limit(_MOST)
    )
    listed: dict[str, list[JsonValue]] = {
        "orders": [
            {
                "id": order.id,
                "state": order.state,
                "ordered_at": order.ordered_at.isoformat(),
                "delivery": _delivery(cipher, order),
            }
            for order in orders
        ],
        "lines": [
            {
                "order_id": line.order_id,
                "item_id": line.item_id,
                "quantity": line.quantity,
                "units": line.unit_price * line.quantity,
                "state": line.state,
            }
            for line in lines
        ],
        "vouchers": [
            {"code": voucher.code, "value": voucher.value, "remaining": voucher.remaining}
            for voucher in vouchers
        ],
        "bids": [
            {
                "auction_id": bid.auction_id,
                "units": bid.units,
                "state": bid.state,
                "bid_at": bid.bid_at.isoformat(),
            }
            for bid in bids
        ],
    }
    return {name: rows for name, rows in listed.items() if rows}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    """Addresses and cart; what was bought stays by the member's number."""
    await cart.forget(session, member_id)
    found = await session.scalars(
        select(ShopOrder).where(ShopOrder.member_id == member_id, ShopOrder.delivery_sealed.is_not(None))
    )
    orders = list(found)
    for order in orders:
        order.delivery_sealed = None
    return orders


async def _texts(session: AnySession, cipher: FieldCipher, member_id: int) -> list[str]:
    found = await session.scalars(
        select(ShopOrder).where(ShopOrder.member_id == member_id, ShopOrder.delivery_sealed.is_not(None))
    )
    deliveries = [_delivery(cipher, order) for order in found]
    return [
        str(delivery[name])
        for delivery in deliveries
        if delivery is not None
        for name in ("name", "mobile", "address")
    ]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = exists().where(ShopOrderLine.member_id == member_id, ShopOrderLine.state.in_(_OPEN))
    is_going_back = exists().where(
        ShopGivingBack.member_id == member_id, ShopGivingBack.state != GivingBackState.DONE.value
    )
    is_bidding = exists().where(ShopBid.member_id == member_id, ShopBid.state.in_(_HELD))
    if not await session.scalar(select(or_(is_open, is_going_back, is_bidding))):
        return []
    return [
        Hindrance(
            "shop-orders-open",
            "Orders are not delivered yet, points of them are on their way back, or set aside for a bid",
            "سفارش‌هایی هنوز تحویل نشده، امتیازشان در راه برگشت است یا امتیازی در مزایده گذاشته شده است.",
        )
    ]


def _delivery(cipher: FieldCipher, order: ShopOrder) -> dict[str, JsonValue] | None:
    opened = DELIVERY.open(cipher, order)
    if opened is None:
        return None
    found: dict[str, JsonValue] = json.loads(opened)
    return found


PERSONAL_DATA = PersonalData(
    name="shop",
    title="Purchases in the club's shop",
    title_fa="خریدهای فروشگاه باشگاه",
    kept="What the member's number bought, as long as the ledger; addresses and the cart go.",
    kept_fa="آنچه با شمارهٔ عضو خریده شده تا زمانی که دفتر نگه داشته می‌شود؛ نشانی‌ها و سبد پاک می‌شوند.",
    export=_export,
    erase=_erase,
    texts=_texts,
    hindrances=_hindrances,
)
