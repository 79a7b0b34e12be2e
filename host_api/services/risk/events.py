"""What risk tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.risk.alerts.schemas import RiskAlertState
from host_api.services.risk.limits.schemas import RiskSeverity


class AlertTold(BaseModel):
    """An alert was raised or decided; the rest is read by its id."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "alert_id": 7,
                "limit_id": 3,
                "severity": "high",
                "state": "open",
                "member_id": 12,
                "value": 3,
                "most": 2,
            }
        }
    )

    alert_id: int
    limit_id: int
    severity: RiskSeverity
    state: RiskAlertState
    member_id: int | None
    value: int
    most: int


ALERT_RAISED = EventType("risk.alert_raised", AlertTold, "A risk alert was raised", "هشدار ریسکی داده شد")
ALERT_DECIDED = EventType("risk.alert_decided", AlertTold, "A risk alert was decided", "هشدار ریسکی بررسی شد")
