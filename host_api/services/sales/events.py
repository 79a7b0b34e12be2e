"""What sales tell of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.sales.schemas import StoreSaleKind


class StoreSaleRegistered(BaseModel):
    """A sale or gift was registered."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "sale_id": 9,
                "kind": "sale",
                "merchant": 1,
                "branch_id": 1,
                "member_id": 12,
                "total": 2750000,
            }
        }
    )

    sale_id: int
    kind: StoreSaleKind
    merchant: int
    branch_id: int
    member_id: int | None
    total: int


class StoreSaleReturned(BaseModel):
    """Goods of a sale came back."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"return_id": 3, "sale_id": 9, "member_id": 12, "total": 2750000}}
    )

    return_id: int
    sale_id: int
    member_id: int | None
    total: int


STORE_SALE_REGISTERED = EventType(
    "store_sale.registered", StoreSaleRegistered, "A merchant's sale was registered", "فروش پذیرنده‌ای ثبت شد"
)
STORE_SALE_RETURNED = EventType(
    "store_sale.returned", StoreSaleReturned, "Goods of a sale came back", "کالای فروشی برگشت"
)
