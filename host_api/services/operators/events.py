"""What the operators service tells of."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.operators.roles import Role
from host_api.services.operators.schemas import OperatorStatus


class OperatorChanged(BaseModel):
    """Files of terminals are to be made anew: an operator is there, or is another than before."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": 2, "merchant": 3, "role": "cashier", "status": "locked", "branches": [5]}
        }
    )

    id: int
    merchant: int
    role: Role
    status: OperatorStatus
    branches: list[int] | None


class ShiftTold(BaseModel):
    """A shift began, or ended."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 11,
                "operator_id": 2,
                "branch_id": 5,
                "opened_at": "2026-03-21T06:30:00Z",
                "closed_at": None,
            }
        }
    )

    id: int
    operator_id: int
    branch_id: int
    opened_at: datetime
    closed_at: datetime | None


OPERATOR_CHANGED = EventType(
    "operator.changed", OperatorChanged, "An operator was added or changed", "اپراتوری افزوده شد یا تغییر کرد"
)
SHIFT_OPENED = EventType("shift.opened", ShiftTold, "A shift began", "شیفتی آغاز شد")
SHIFT_CLOSED = EventType("shift.closed", ShiftTold, "A shift ended", "شیفتی پایان یافت")
