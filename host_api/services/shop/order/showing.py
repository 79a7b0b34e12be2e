"""Orders, lines and what is given back as the API shows them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from host_api.services.shop.catalogue.schemas import ItemKind
from host_api.services.shop.order.models import ShopGivingBack, ShopOrder, ShopOrderLine
from host_api.services.shop.order.schemas import GivingBackRead, LineRead, ShopOrderRead
from host_api.services.shop.order.states import (
    GivingBackCause,
    GivingBackState,
    OrderLineState,
    ShopOrderState,
)


def shown(order: ShopOrder, lines: Sequence[ShopOrderLine]) -> ShopOrderRead:
    """An order."""
    return ShopOrderRead(
        id=order.id,
        member_id=order.member_id,
        state=ShopOrderState(order.state),
        lines=[shown_line(line) for line in sorted(lines, key=lambda line: line.id)],
        is_to_be_sent=order.delivery_sealed is not None,
        ordered_by=order.ordered_by,
        ordered_at=order.ordered_at,
        decided_at=order.decided_at,
    )


def return_until(line: ShopOrderLine) -> datetime | None:
    """Until when a line may be returned; None where it may not."""
    if line.delivered_at is None or not line.return_days:
        return None
    return line.delivered_at + timedelta(days=line.return_days)


def shown_line(line: ShopOrderLine) -> LineRead:
    """A line."""
    return LineRead(
        id=line.id,
        order_id=line.order_id,
        item_id=line.item_id,
        slot_id=line.slot_id,
        member_id=line.member_id,
        kind=ItemKind(line.kind),
        quantity=line.quantity,
        unit_price=line.unit_price,
        purse=line.purse,
        state=OrderLineState(line.state),
        returned=line.returned,
        return_until=return_until(line),
        tracking=line.tracking,
        response_code=line.response_code,
        rrn=line.rrn,
        ordered_at=line.ordered_at,
        accepted_at=line.accepted_at,
        delivered_at=line.delivered_at,
    )


def shown_giving_back(row: ShopGivingBack) -> GivingBackRead:
    """What is given back."""
    return GivingBackRead(
        id=row.id,
        line_id=row.line_id,
        member_id=row.member_id,
        cause=GivingBackCause(row.cause),
        quantity=row.quantity,
        units=row.units,
        is_restocked=row.is_restocked,
        state=GivingBackState(row.state),
        response_code=row.response_code,
        rrn=row.rrn,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        finished_at=row.finished_at,
    )
