"""What carts take and give."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.path_ids import LARGEST_ID
from host_api.services.shop.catalogue.schemas import MOST_OF_ONE


class CartLineSet(BaseModel):
    """How many of an item a member wants."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"quantity": 2, "slot_id": None}})

    quantity: int = Field(ge=0, le=MOST_OF_ONE, description="0 takes it out.")
    slot_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Of a reservation: the time.")


class CartLineRead(BaseModel):
    """So many of an item, at its price now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "item_id": 5,
                "slot_id": None,
                "title": "Cup",
                "title_fa": "لیوان",
                "quantity": 2,
                "purse": 91,
                "price_now": 400,
                "is_sold": True,
            }
        }
    )

    item_id: int
    slot_id: int | None
    title: str
    title_fa: str
    quantity: int
    purse: int
    price_now: int
    is_sold: bool = Field(description="Whether it could be ordered now, as far as times and audience go.")


class CartRead(BaseModel):
    """A member's cart."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"member_id": 12, "lines": [], "totals": {"91": 800}}}
    )

    member_id: int
    lines: list[CartLineRead]
    totals: dict[int, int] = Field(description="What it costs now, by account type of the purse.")
