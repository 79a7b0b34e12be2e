"""What is told of marketers."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class MarketerStatementEvent(BaseModel):
    """A month of a marketer was closed, or paid."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "statement_id": 5,
                "marketer_id": 2,
                "year": 1405,
                "month": 8,
                "payable_rials": 1_250_000,
            }
        }
    )

    statement_id: int
    marketer_id: int
    year: int
    month: int
    payable_rials: int


STATEMENT_CLOSED = EventType(
    "marketer.statement_closed",
    MarketerStatementEvent,
    "A marketer's month was closed",
    "ماه بازاریابی بسته شد",
)
STATEMENT_PAID = EventType(
    "marketer.statement_paid", MarketerStatementEvent, "A marketer was paid", "به بازاریابی پرداخت شد"
)
