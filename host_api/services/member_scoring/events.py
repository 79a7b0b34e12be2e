"""What the scoring of members tells of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class ScoringPublished(BaseModel):
    """All members of a run were told, grouped and awarded, as far as their bands say."""

    model_config = ConfigDict(json_schema_extra={"example": {"run_id": 4, "model_id": 2, "members": 18250}})

    run_id: int
    model_id: int
    members: int


SCORING_PUBLISHED = EventType(
    "member_scoring.published", ScoringPublished, "Scores were published", "نتیجهٔ امتیازدهی اعلام شد"
)
