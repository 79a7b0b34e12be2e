"""What the rules service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.rules.publications.schemas import PublicationFailure, PublicationKind


class RulesPublished(BaseModel):
    """Rules that were frozen or in force before have come into force."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"publication_id": 4, "kind": "publish", "version_id": 3, "table_version": 2}
        }
    )

    publication_id: int
    kind: PublicationKind
    version_id: int | None
    table_version: int = Field(description="The switch's number of the table.")


class RulesNotPublished(BaseModel):
    """An approved publication has failed; the rules in force are as they were."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"publication_id": 5, "version_id": 4, "failure": "conflict"}}
    )

    publication_id: int
    version_id: int | None
    failure: PublicationFailure


RULES_PUBLISHED = EventType("rules.published", RulesPublished, "Rules came into force", "قواعد جاری شد")
RULES_NOT_PUBLISHED = EventType(
    "rules.not_published", RulesNotPublished, "Rules could not be published", "انتشار قواعد نشد"
)
