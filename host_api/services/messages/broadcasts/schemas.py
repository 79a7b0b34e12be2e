"""What broadcasts take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode
from host_api.services.groups.audience import StoredAudience
from host_api.services.groups.query_schema import Query
from host_api.services.messages.templates.schemas import TextSize
from host_api.services.messages.templates.wording import check_names
from host_api.services.messages.topics.schemas import Title

MOST_NAMED = 1_000
Value = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")] | int


class BroadcastState(StrEnum):
    """Where a broadcast stands; DONE: all its messages are queued."""

    QUEUEING = "queueing"
    DONE = "done"
    CANCELLED = "cancelled"


class BroadcastAim(BaseModel):
    """Which template goes to whom."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "template": "sale",
                "values": {"percent": 20},
                "audience": {"f": "tier", "op": "=", "v": "gold"},
            }
        },
    )

    template: ShortCode
    values: Annotated[dict[str, Value], AfterValidator(check_names)] = Field(
        default={}, max_length=20, description="The same for everybody."
    )
    audience: Query | None = Field(
        default=None, description="A query as groups have; null: every active member."
    )
    member_ids: list[Annotated[int, Field(ge=1, le=LARGEST_ID)]] | None = Field(
        default=None, min_length=1, max_length=MOST_NAMED, description="Instead: members by their numbers."
    )

    @model_validator(mode="after")
    def _check_aim(self) -> Self:
        if self.audience is not None and self.member_ids is not None:
            raise PydanticCustomError("two_aims", "Give an audience or member_ids, not both")
        return self


class BroadcastCreate(BroadcastAim):
    """A text to many members, by their topic's channels."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "title": "حراج پاییز",
                "template": "sale",
                "values": {"percent": 20},
                "member_ids": [12, 13],
                "useful_hours": 24,
            }
        },
    )

    title: Title
    starts_at: AwareDatetime | None = Field(default=None, description="Left out: now.")
    useful_hours: int = Field(default=24, ge=1, le=720, description="What is not sent by then is dropped.")


class BroadcastPreview(BaseModel):
    """How many a broadcast would find, and what it would cost at most."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "members": 1240,
                "is_complete": True,
                "size": {"alphabet": "gsm7", "units": 41, "parts": 1},
                "size_fa": {"alphabet": "ucs2", "units": 45, "parts": 1},
                "most_rials": 1_488_000,
            }
        }
    )

    members: int
    is_complete: bool = Field(description="false: there are more than could be counted in some seconds.")
    size: TextSize
    size_fa: TextSize
    most_rials: int = Field(description="If all get it by SMS, in the longer language.")


class BroadcastRead(BaseModel):
    """A broadcast."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "title": "حراج پاییز",
                "topic": "sales",
                "template_version_id": 5,
                "values": {"percent": 20},
                "audience": None,
                "member_ids": [12, 13],
                "state": "done",
                "starts_at": "2026-03-21T06:30:00Z",
                "useful_hours": 24,
                "queued": 2,
                "created_at": "2026-03-21T06:30:00Z",
                "created_by": "نگار",
            }
        }
    )

    id: int
    title: str
    topic: str
    template_version_id: int
    values: dict[str, int | str]
    audience: StoredAudience
    member_ids: list[int] | None
    state: BroadcastState
    starts_at: datetime
    useful_hours: int
    queued: int = Field(description="Messages so far; who can't be reached has none.")
    created_at: datetime
    created_by: str
