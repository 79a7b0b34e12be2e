"""What the cards service takes and gives."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError

from host_api.core.outbox import SwitchState
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import fold_digits
from host_api.services.cards.card_number import is_card_number
from host_api.services.cards.products.schemas import ProductCode
from host_api.services.cards.states import CardStatus, ChangeReason

_SEPARATORS = re.compile(r"[\s-]+")

READ_EXAMPLE: Final[dict[str, JsonValue]] = {
    "id": 7,
    "reference": 7,
    "masked_number": "936412******3450",
    "member_id": 12,
    "card_type": "LOYALTY",
    "product_id": 1,
    "status": "active",
    "status_reason": "issued",
    "expires_on": "2029-03-31",
    "branch_id": None,
    "order_id": None,
    "replaces_id": None,
    "created_at": "2026-03-21T06:30:00Z",
    "issued_at": "2026-03-21T06:30:00Z",
    "switch_state": "active",
    "switch_response_code": "00",
}


def _check_number(text: str) -> str:
    number = _SEPARATORS.sub("", fold_digits(text))
    if not is_card_number(number):
        raise PydanticCustomError(
            "card_number", "A card number has 16 digits, begins with 9364 and ends with its Luhn digit"
        )
    return number


GivenNumber = Annotated[str, Field(max_length=32), AfterValidator(_check_number)]
Key = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Note = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class CardCreate(BaseModel):
    """A new card of a member, or for the stock at the counters."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "card_type": "LOYALTY"}}
    )

    member_id: Key | None = Field(
        default=None, description="The member who owns the card; left out, it is a new card of the stock."
    )
    number: GivenNumber | None = Field(
        default=None, description="Number of a card already printed; left out, the club issues one."
    )
    card_type: ProductCode = "LOYALTY"
    branch_id: Key | None = Field(
        default=None, description="The branch that issues it, or in whose stock it lies."
    )


class CardIssue(BaseModel):
    """A card of the stock for a member: the one with this number, or the next free one of the branch."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"member_id": 12, "card_type": "LOYALTY", "branch_id": 3}},
    )

    member_id: Key
    number: GivenNumber | None = Field(default=None, description="Number of the card in the hand.")
    card_type: ProductCode = Field(default="LOYALTY", description="Of the next free card.")
    branch_id: Key | None = Field(default=None, description="Whose next free card; left out, the club's own.")


class BlockReason(StrEnum):
    """Why a card is hot-listed."""

    LOST = "lost"
    STOLEN = "stolen"
    BY_CLUB = "by_club"
    BY_MEMBER = "by_member"


class ReplacementReason(StrEnum):
    """Why a card gets a successor."""

    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    MISPRINTED = "misprinted"
    RENEWED = "renewed"


class DestructionReason(StrEnum):
    """Why there is no such card any more."""

    DAMAGED = "damaged"
    MISPRINTED = "misprinted"
    MISSING = "missing"
    BY_CLUB = "by_club"
    BY_MEMBER = "by_member"


class CardBlock(BaseModel):
    """A wish to hot-list a card."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "lost"}})

    reason: BlockReason
    note: Note | None = None


class CardRelease(BaseModel):
    """A wish to take a card off the hot list."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "Found again"}})

    note: Note | None = None


class CardDestruction(BaseModel):
    """A card that is no more."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "damaged"}})

    reason: DestructionReason
    note: Note | None = None


class CardReplacement(BaseModel):
    """A wish for a duplicate: a new number, or a card of the stock."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"reason": "lost", "from_stock": True, "branch_id": 3}},
    )

    reason: ReplacementReason
    from_stock: bool = Field(
        default=False, description="Take a card of the stock; else a new one is made, to be personalised."
    )
    number: GivenNumber | None = Field(
        default=None, description="Of the card of the stock in the hand; left out, the next free one."
    )
    branch_id: Key | None = Field(default=None, description="Where it is issued.")
    is_fee_waived: bool = False
    note: Note | None = None


class CardRead(BaseModel):
    """A card; its number is masked."""

    model_config = ConfigDict(json_schema_extra={"example": READ_EXAMPLE})

    id: int
    reference: int = Field(description="The card reference on the switch and in transactions.")
    masked_number: str
    member_id: int | None
    card_type: str = Field(description="What the switch and the rules call its product.")
    product_id: int
    status: CardStatus
    status_reason: ChangeReason | None = Field(description="Why it is in this state.")
    expires_on: date | None = Field(description="The last day on which it is good.")
    branch_id: int | None = Field(description="Where it lies in stock, or was issued.")
    order_id: int | None
    replaces_id: int | None = Field(description="The card whose place it has taken.")
    created_at: datetime
    issued_at: datetime | None
    switch_state: SwitchState = Field(description="Whether the switch knows this record.")
    switch_response_code: str | None = Field(description="Field 39 of the switch's answer.")


class CardIssued(CardRead):
    """A card just created: told its whole number this once, so that the card can be personalised."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": READ_EXAMPLE | {"number": "9364120000003450", "switch_state": "pending"}
        }
    )

    number: str


class CardReplaced(BaseModel):
    """What a replacement came to."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "card": READ_EXAMPLE | {"id": 8, "reference": 8, "replaces_id": 7},
                "number": "9364120000003450",
                "fee": 200000,
            }
        }
    )

    card: CardRead
    number: str | None = Field(description="Of a card that was made now, told this once.")
    fee: int = Field(description="What the holder owes for it, rials.")


class TransitionRead(BaseModel):
    """One change of a card's state."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 31,
                "from_status": "active",
                "to_status": "blocked",
                "reason": "lost",
                "note": None,
                "fee": 0,
                "at": "2026-03-21T06:30:00Z",
                "caller_kind": "user",
                "caller_name": "sara",
                "feed_position": None,
            }
        },
    )

    id: int
    from_status: CardStatus
    to_status: CardStatus
    reason: ChangeReason
    note: str | None
    fee: int
    at: datetime
    caller_kind: str
    caller_name: str
    feed_position: int | None = Field(description="Of the journal entry that told of it.")
