"""What the budgets service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class BudgetWarning(BaseModel):
    """Of a budget as much is promised or given as its warning names. Told once, until it grows."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"budget_id": 1, "purse": 92, "units": 500000, "reserved": 1000, "consumed": 399000}
        }
    )

    budget_id: int
    purse: int
    units: int
    reserved: int
    consumed: int


BUDGET_WARNING = EventType(
    "budget.warning", BudgetWarning, "A budget is nearly used up", "بودجه‌ای رو به پایان است"
)
