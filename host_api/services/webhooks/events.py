"""What the webhooks service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.webhooks.models import SwitchOffReason


class WebhookTested(BaseModel):
    """Somebody wants to see whether the webhook is reached; only that webhook gets it."""

    model_config = ConfigDict(json_schema_extra={"example": {"webhook_id": 4}})

    webhook_id: int


class WebhookSwitchedOff(BaseModel):
    """A webhook was switched off: it failed too long, or its address answered 410 Gone."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"webhook_id": 4, "reason": "failures", "failures": 100}}
    )

    webhook_id: int
    reason: SwitchOffReason
    failures: int = Field(description="Failed attempts in a row.")


WEBHOOK_TESTED = EventType("webhook.tested", WebhookTested, "A webhook was tested", "وب‌هوکی آزموده شد")
WEBHOOK_SWITCHED_OFF = EventType(
    "webhook.switched_off", WebhookSwitchedOff, "A webhook was switched off", "وب‌هوکی خاموش شد"
)
