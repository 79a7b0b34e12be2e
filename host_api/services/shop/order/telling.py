"""What a member is told of an order; codes and vouchers tell themselves."""

from host_api.core.database import WriteSession
from host_api.core.persian_text import persian_digits
from host_api.services.messages.logic import tell_member
from host_api.services.shop.order.models import ShopGivingBack, ShopOrder, ShopOrderLine
from host_api.services.shop.order.states import OrderLineState


async def tell_accepted(session: WriteSession, order: ShopOrder) -> None:
    """The order is paid."""
    await tell_member(
        session,
        order.member_id,
        topic="shop-order",
        reference=str(order.id),
        text_fa=persian_digits(f"سفارش {order.id} ثبت و پرداخت شد."),
        text_en=f"Order {order.id} is paid.",
    )


async def tell_progress(session: WriteSession, line: ShopOrderLine) -> None:
    """It was sent, or is ready at the counter."""
    if line.state == OrderLineState.SENT:
        text_fa, text_en = f"سفارش {line.order_id} فرستاده شد.", f"Order {line.order_id} was sent."
        if line.tracking is not None:
            text_fa, text_en = f"{text_fa} کد رهگیری: {line.tracking}", f"{text_en} Number: {line.tracking}"
    elif line.state == OrderLineState.READY:
        text_fa = f"سفارش {line.order_id} آمادهٔ تحویل است."
        text_en = f"Order {line.order_id} is ready for you."
    else:
        return
    await tell_member(
        session,
        line.member_id,
        topic="shop-line",
        reference=f"{line.id}-{line.state}",
        text_fa=persian_digits(text_fa),
        text_en=text_en,
    )


async def tell_given_back(session: WriteSession, row: ShopGivingBack) -> None:
    """Points are back."""
    await tell_member(
        session,
        row.member_id,
        topic="shop-return",
        reference=str(row.id),
        text_fa=persian_digits(f"{row.units} واحد از بهای خرید به کیف شما برگشت."),
        text_en=f"{row.units} units of a purchase are back in your purse.",
    )
