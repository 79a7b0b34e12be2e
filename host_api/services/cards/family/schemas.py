"""What supplementary cards take and give."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from host_api.core.money import LARGEST_AMOUNT
from host_api.services.cards.products.schemas import ProductCode
from host_api.services.cards.schemas import READ_EXAMPLE, CardRead, GivenNumber, Key

_LIMITS: Final[dict[str, JsonValue]] = {
    "relation": "child",
    "limit_per_purchase": 2000000,
    "limit_per_day": 5000000,
    "limit_per_month": None,
}

RialLimit = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]


class FamilyRelation(StrEnum):
    """Who holds the card, seen from the principal member."""

    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    OTHER = "other"


class FamilyCardCreate(BaseModel):
    """A supplementary card of a member's household."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"card_type": "FAMILY", "holder_member_id": 13, **_LIMITS}},
    )

    card_type: ProductCode
    relation: FamilyRelation
    holder_member_id: Key | None = Field(
        default=None,
        description="A member of the same household, who has a purse of their own; left out, the card is the "
        "principal member's, in another's hand.",
    )
    from_stock: bool = Field(default=False, description="Take a card of the stock; else a new one is made.")
    number: GivenNumber | None = Field(default=None, description="Of the card of the stock in the hand.")
    branch_id: Key | None = None
    limit_per_purchase: RialLimit | None = None
    limit_per_day: RialLimit | None = None
    limit_per_month: RialLimit | None = None


class FamilyCardChange(BaseModel):
    """Other limits; what is left out stays, null is no limit."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"limit_per_day": 3000000}})

    limit_per_purchase: RialLimit | None = None
    limit_per_day: RialLimit | None = None
    limit_per_month: RialLimit | None = None


class FamilyCardRead(BaseModel):
    """A supplementary card."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"card": READ_EXAMPLE, "principal_member_id": 12, **_LIMITS, "version": 1}
        }
    )

    card: CardRead
    principal_member_id: int
    relation: FamilyRelation
    limit_per_purchase: int | None
    limit_per_day: int | None
    limit_per_month: int | None
    version: int


class FamilyCardIssued(FamilyCardRead):
    """A supplementary card just issued."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "card": READ_EXAMPLE,
                "principal_member_id": 12,
                **_LIMITS,
                "version": 1,
                "number": "9364120000003450",
            }
        }
    )

    number: str | None = Field(description="Of a card that was made now, told this once.")
