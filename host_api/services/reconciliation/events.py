"""What the reconciliation service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType


class ReconciliationDiffered(BaseModel):
    """Requests, projection and switch do not agree; the report tells in what."""

    model_config = ConfigDict(json_schema_extra={"example": {"reconciliation_id": 7, "differences": 2}})

    reconciliation_id: int
    differences: int = Field(description="How many there are.")


RECONCILIATION_DIFFERED = EventType(
    "reconciliation.differed",
    ReconciliationDiffered,
    "A reconciliation found differences",
    "مغایرت‌گیری اختلافی یافت",
)
