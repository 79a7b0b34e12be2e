"""What the shop tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.shop.auctions.states import AuctionState
from host_api.services.shop.catalogue.schemas import ItemKind
from host_api.services.shop.order.states import GivingBackCause, OrderLineState


class ItemSoldOut(BaseModel):
    """The last piece of an item was taken."""

    model_config = ConfigDict(json_schema_extra={"example": {"item_id": 5}})

    item_id: int


class OrderDecided(BaseModel):
    """An order was paid, or is off since it could not be."""

    model_config = ConfigDict(json_schema_extra={"example": {"order_id": 8, "member_id": 12}})

    order_id: int
    member_id: int


class LineChanged(BaseModel):
    """A line of an order has gone on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "line_id": 21,
                "order_id": 8,
                "member_id": 12,
                "item_id": 5,
                "kind": "goods",
                "state": "sent",
            }
        }
    )

    line_id: int
    order_id: int
    member_id: int
    item_id: int
    kind: ItemKind
    state: OrderLineState


class PointsGivenBack(BaseModel):
    """What was paid for a line is with the member again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"line_id": 21, "member_id": 12, "cause": "return", "quantity": 1, "units": 500}
        }
    )

    line_id: int
    member_id: int
    cause: GivingBackCause
    quantity: int
    units: int


class VoucherRedeemed(BaseModel):
    """A counter has taken a voucher, or a part of it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"voucher_id": 3, "member_id": 12, "amount": 500000, "remaining": 0}}
    )

    voucher_id: int
    member_id: int
    amount: int = Field(description="Rial.")
    remaining: int


class AuctionSettled(BaseModel):
    """An auction is over."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"auction_id": 3, "item_id": 5, "state": "sold", "member_id": 12, "units": 700}
        }
    )

    auction_id: int
    item_id: int
    state: AuctionState
    member_id: int | None = Field(description="Who has won.")
    units: int | None


ITEM_SOLD_OUT = EventType("shop_item.sold_out", ItemSoldOut, "An item is sold out", "قلمی تمام شد")
ORDER_ACCEPTED = EventType("shop_order.accepted", OrderDecided, "An order was paid", "سفارشی پرداخت شد")
ORDER_REFUSED = EventType(
    "shop_order.refused", OrderDecided, "An order could not be paid", "سفارشی پرداخت نشد"
)
LINE_CHANGED = EventType(
    "shop_order.line_changed", LineChanged, "A line of an order went on", "ردیف سفارشی پیش رفت"
)
POINTS_GIVEN_BACK = EventType(
    "shop_order.given_back", PointsGivenBack, "Points of an order came back", "امتیاز سفارش برگشت"
)
VOUCHER_REDEEMED = EventType(
    "shop_voucher.redeemed", VoucherRedeemed, "A voucher was redeemed", "بن خرید خرج شد"
)
AUCTION_ENDED = EventType("shop_auction.ended", AuctionSettled, "An auction is over", "مزایده‌ای پایان یافت")
