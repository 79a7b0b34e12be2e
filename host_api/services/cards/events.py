"""What the cards service tells of. Numbers of cards are never told."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.cards.states import CardStatus, ChangeReason


class CardIssuedEvent(BaseModel):
    """A card was issued, to a member or to the stock; its number is not told."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"card_id": 112, "member_id": 12, "card_type": "LOYALTY", "status": "active"}
        }
    )

    card_id: int
    member_id: int | None = Field(description="null for a card of the stock, and for a gift card.")
    card_type: str = Field(pattern=r"^[A-Z0-9]{1,8}$", description="Card product.")
    status: CardStatus


class CardStatusChanged(BaseModel):
    """A card went from one state to another."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "card_id": 112,
                "member_id": 12,
                "from_status": "active",
                "to_status": "blocked",
                "reason": "lost",
            }
        }
    )

    card_id: int
    member_id: int | None
    from_status: CardStatus
    to_status: CardStatus
    reason: ChangeReason


class CardReplacedEvent(BaseModel):
    """A card took another's place; the other one is hot-listed."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"card_id": 113, "replaces_id": 112, "member_id": 12, "fee": 200000}}
    )

    card_id: int
    replaces_id: int
    member_id: int | None
    fee: int = Field(description="What the holder owes for it, rials.")


class StockReceivedEvent(BaseModel):
    """The cards of an order have come into the stock."""

    model_config = ConfigDict(json_schema_extra={"example": {"order_id": 4, "product_id": 3, "cards": 1000}})

    order_id: int
    product_id: int
    cards: int


CARD_ISSUED = EventType("card.issued", CardIssuedEvent, "A card was issued", "کارتی صادر شد")
CARD_STATUS_CHANGED = EventType(
    "card.status_changed", CardStatusChanged, "A card's state changed", "وضعیت کارتی تغییر کرد"
)
CARD_REPLACED = EventType(
    "card.replaced", CardReplacedEvent, "A card was replaced", "کارتی با کارت دیگر جایگزین شد"
)
STOCK_RECEIVED = EventType(
    "card_stock.received", StockReceivedEvent, "Ordered cards were received", "کارت‌های سفارش رسید"
)
