"""What gift cards take and give."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.money import LARGEST_AMOUNT
from host_api.services.cards.schemas import READ_EXAMPLE, CardRead
from host_api.services.transactions.schemas import PurseBalance


class LoadState(StrEnum):
    """What became of a load."""

    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


class GiftLoadCreate(BaseModel):
    """Money for a gift card."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"amount": 5000000, "merchant_id": "SHOP01"}}
    )

    amount: int = Field(ge=1, le=LARGEST_AMOUNT, description="Rials.")
    merchant_id: str = Field(
        pattern=r"^[A-Za-z0-9]{1,15}$",
        description="The merchant that has taken the money, as field 42 has it.",
    )


class GiftLoadRead(BaseModel):
    """A load of a gift card."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 5,
                "card_id": 7,
                "merchant_id": "SHOP01",
                "amount": 5000000,
                "state": "done",
                "response_code": "00",
                "rrn": "000000000017",
                "balance_after": 5000000,
                "asked_by_name": "sara",
                "asked_at": "2026-03-21T06:30:00Z",
                "finished_at": "2026-03-21T06:30:01Z",
            }
        },
    )

    id: int
    card_id: int
    merchant_id: str
    amount: int
    state: LoadState
    response_code: str | None = Field(description="Field 39 of the switch's answer.")
    rrn: str | None
    balance_after: int | None = Field(description="What could be spent afterwards, rials.")
    asked_by_name: str
    asked_at: datetime
    finished_at: datetime | None


class GiftCardRead(BaseModel):
    """A gift card and what is on it, as last projected from the switch's journal."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "card": READ_EXAMPLE | {"member_id": None, "card_type": "GIFT"},
                "balance": 5000000,
                "purses": [
                    {
                        "purse": "gift",
                        "amount": 5000000,
                        "pending": 0,
                        "position": 17,
                        "at": "2026-03-21T06:31:12.345000Z",
                    }
                ],
            }
        }
    )

    card: CardRead
    balance: int = Field(description="Stored value that can be spent now, rials.")
    purses: list[PurseBalance]
