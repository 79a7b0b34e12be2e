"""What the cards service takes and gives."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from host_api.core.outbox import SwitchState
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import fold_digits
from host_api.services.cards.card_number import is_card_number

_SEPARATORS = re.compile(r"[\s-]+")


class CardStatus(StrEnum):
    """Whether the card may be used."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    NEW = "new"


def _check_number(text: str) -> str:
    number = _SEPARATORS.sub("", fold_digits(text))
    if not is_card_number(number):
        raise PydanticCustomError(
            "card_number", "A card number has 16 digits, begins with 9364 and ends with its Luhn digit"
        )
    return number


class CardCreate(BaseModel):
    """A new card of a member, or for the stock at the counters."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "card_type": "LOYALTY"}}
    )

    member_id: int | None = Field(
        default=None,
        ge=1,
        le=LARGEST_ID,
        description="The member who owns the card; left out, it is a new card of the stock.",
    )
    number: Annotated[str, Field(max_length=32), AfterValidator(_check_number)] | None = Field(
        default=None, description="Number of a card already printed; left out, the club issues one."
    )
    card_type: str = Field(default="LOYALTY", pattern=r"^[A-Z0-9]{1,8}$", description="Card product.")


class CardRead(BaseModel):
    """A card; its number is masked."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "masked_number": "936412******3450",
                "member_id": 12,
                "card_type": "LOYALTY",
                "status": "active",
                "created_at": "2026-03-21T06:30:00Z",
                "switch_state": "active",
                "switch_response_code": "00",
            }
        }
    )

    id: int = Field(description="Also the card reference on the switch.")
    masked_number: str
    member_id: int | None
    card_type: str
    status: CardStatus = Field(description="As issued; a card of the stock is `new` until it is given out.")
    created_at: datetime
    switch_state: SwitchState = Field(description="Whether the switch knows this record.")
    switch_response_code: str | None = Field(description="Field 39 of the switch's answer.")


class CardIssued(CardRead):
    """A card just created: told its whole number this once, so that the card can be personalised."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "number": "9364120000003450",
                "masked_number": "936412******3450",
                "member_id": 12,
                "card_type": "LOYALTY",
                "status": "active",
                "created_at": "2026-03-21T06:30:00Z",
                "switch_state": "pending",
                "switch_response_code": None,
            }
        }
    )

    number: str
