"""What points to cash tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.cash_outs.schemas import CashOutState


class CashOutEvent(BaseModel):
    """A request for cash came to an end."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "cash_out_id": 7,
                "member_id": 12,
                "state": "paid",
                "units": 2_000,
                "net_rials": 995_000,
            }
        }
    )

    cash_out_id: int
    member_id: int
    state: CashOutState
    units: int
    net_rials: int


CASH_OUT_PAID = EventType("cash_out.paid", CashOutEvent, "A cash-out was paid", "وجه نقد عضوی پرداخت شد")
CASH_OUT_RETURNED = EventType(
    "cash_out.returned", CashOutEvent, "Points of a cash-out went back", "امتیاز درخواست وجه نقدی برگشت"
)
