"""What members, and sellers who are members, are told of orders."""

from typing import Final

from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.persian_text import persian_digits
from host_api.services.messages.logic import tell_members
from host_api.services.messages.member_text import MemberText, Telling
from host_api.services.sellers import logic as sellers
from host_api.services.storefronts.events import STOREFRONT_ORDER_CHANGED, StorefrontOrderChanged
from host_api.services.storefronts.orders.models import StorefrontOrder
from host_api.services.storefronts.orders.states import StorefrontOrderState

_TOPIC: Final = "storefront-order"
_TO_MEMBER: Final = {
    StorefrontOrderState.CONFIRMED: ("سفارش {} را فروشنده پذیرفت.", "The seller has confirmed order {}."),
    StorefrontOrderState.DELIVERED: ("سفارش {} تحویل یا فرستاده شد.", "Order {} was delivered or sent."),
    StorefrontOrderState.REFUSED: ("بهای سفارش {} پرداخت نشد.", "Order {} could not be paid."),
    StorefrontOrderState.DECLINED: ("سفارش {} را فروشنده نپذیرفت.", "The seller has declined order {}."),
    StorefrontOrderState.WITHDRAWN: ("سفارش {} را فروشنده لغو کرد.", "The seller has called order {} off."),
    StorefrontOrderState.LAPSED: ("مهلت سفارش {} گذشت و لغو شد.", "The time of order {} is over; it is off."),
    StorefrontOrderState.RETURNED: ("سفارش {} مرجوع شد.", "Order {} was returned."),
}
_TO_SELLER: Final = {
    StorefrontOrderState.PLACED: (
        "سفارش تازهٔ {} منتظر تأیید شماست.",
        "Order {} waits for you to confirm it.",
    ),
    StorefrontOrderState.CANCELLED: ("سفارش {} را خریدار لغو کرد.", "The buyer has cancelled order {}."),
}


async def tell(session: WriteSession, order: StorefrontOrder) -> None:
    """Emit where an order stands, and text whom it concerns."""
    state = StorefrontOrderState(order.state)
    changed = StorefrontOrderChanged(
        order_id=order.id,
        seller_id=order.seller_id,
        member_id=order.member_id,
        good_id=order.good_id,
        total_rials=order.total_rials,
        state=state,
    )
    emit(session, STOREFRONT_ORDER_CHANGED, Subject("storefront_order", order.id), changed)
    receiver, texts = order.member_id, _TO_MEMBER.get(state)
    if state in _TO_SELLER:
        seller = await sellers.find(session, order.seller_id)
        if seller.member_id is None:
            return
        receiver, texts = seller.member_id, _TO_SELLER[state]
    if texts is not None:
        text = MemberText(persian_digits(texts[0].format(order.id)), texts[1].format(order.id))
        await tell_members(session, [Telling(receiver, _TOPIC, f"{order.id}-{state}", text)])
