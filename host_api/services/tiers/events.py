"""What the tiers service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.members.schemas import TierName
from host_api.services.tiers.schemas import Cause


class MemberTierChanged(BaseModel):
    """A member has another tier from now on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "from_tier": "initial",
                "to_tier": "silver",
                "is_upwards": True,
                "cause": "evaluation",
            }
        }
    )

    member_id: int
    from_tier: TierName
    to_tier: TierName
    is_upwards: bool
    cause: Cause = Field(description="What changed it.")


MEMBER_TIER_CHANGED = EventType(
    "member.tier_changed", MemberTierChanged, "A member's tier changed", "سطح عضوی تغییر کرد"
)
