"""What instalment sales tell of."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class InstalmentLate(BaseModel):
    """A part was not paid on its day."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "sale_id": 2,
                "seller_id": 3,
                "member_id": 20,
                "number": 1,
                "due_on": "2026-04-25",
                "unpaid_rials": 1_308_000,
            }
        }
    )

    sale_id: int
    seller_id: int
    member_id: int
    number: int
    due_on: date
    unpaid_rials: int


class InstalmentSaleEnded(BaseModel):
    """All of a sale is paid, or it was called off."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"sale_id": 2, "seller_id": 3, "member_id": 20, "is_settled": True}}
    )

    sale_id: int
    seller_id: int
    member_id: int
    is_settled: bool


INSTALMENT_LATE = EventType("instalment_sales.late", InstalmentLate, "An instalment is late", "قسطی دیر شد")
INSTALMENT_SALE_ENDED = EventType(
    "instalment_sales.ended",
    InstalmentSaleEnded,
    "An instalment sale was settled or called off",
    "فروشی اقساطی تسویه یا لغو شد",
)
