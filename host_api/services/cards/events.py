"""What the cards service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.cards.schemas import CardStatus


class CardIssuedEvent(BaseModel):
    """A card was issued, to a member or to the stock; its number is not told."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"card_id": 112, "member_id": 12, "card_type": "LOYALTY", "status": "active"}
        }
    )

    card_id: int
    member_id: int | None = Field(description="null for a card of the stock.")
    card_type: str = Field(pattern=r"^[A-Z0-9]{1,8}$", description="Card product.")
    status: CardStatus


CARD_ISSUED = EventType("card.issued", CardIssuedEvent, "A card was issued", "کارتی صادر شد")
