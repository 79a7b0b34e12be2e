"""What the households service tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.households.schemas import HouseholdRelation


class HouseholdChange(BaseModel):
    """A member has come into a household, or gone."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"household_id": 3, "member_id": 12, "relation": "spouse"}}
    )

    household_id: int
    member_id: int
    relation: HouseholdRelation


HOUSEHOLD_JOINED = EventType(
    "household.joined", HouseholdChange, "A member joined a household", "عضوی به خانوار پیوست"
)
HOUSEHOLD_LEFT = EventType(
    "household.left", HouseholdChange, "A member left a household", "عضوی از خانوار رفت"
)
