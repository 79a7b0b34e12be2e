"""What the campaigns service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.campaigns.schemas import CampaignState, PauseReason


class CampaignChanged(BaseModel):
    """A campaign was started, paused, resumed or stopped."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"campaign_id": 5, "state": "paused", "paused_because": "budget_exhausted"}
        }
    )

    campaign_id: int
    state: CampaignState
    paused_because: PauseReason | None = None


class CampaignSuspended(BaseModel):
    """A campaign doesn't pay and was suspended (CMP-07)."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"campaign_id": 5, "benefit": 1000000, "cost": 45900000}}
    )

    campaign_id: int
    benefit: int = Field(description="Rial: the figure that was held against the cost.")
    cost: int


CAMPAIGN_CHANGED = EventType(
    "campaign.changed", CampaignChanged, "A campaign's state changed", "وضعیت کمپینی تغییر کرد"
)
CAMPAIGN_SUSPENDED = EventType(
    "campaign.suspended", CampaignSuspended, "A campaign doesn't pay", "کمپینی نیرزید و معلق شد"
)
