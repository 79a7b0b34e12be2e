"""What the groups service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.core.short_code import ShortCode
from host_api.services.groups.query_schema import Query
from host_api.services.members.schemas import MemberStatus

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Bit = Annotated[int, Field(ge=0, le=255)]
Priority = Annotated[int, Field(ge=1, le=1000)]

_QUERY_EXAMPLE: JsonDict = {
    "all": [
        {"f": "tier", "op": "in", "v": ["silver", "gold"]},
        {"f": "purchase_amount", "op": ">=", "v": 50000000, "within": {"last_days": 90}},
        {"not": {"f": "last_purchase_days", "op": ">", "v": 30}},
    ]
}


class GroupKind(StrEnum):
    """Whether people choose the members, or a query does."""

    STATIC = "static"
    DYNAMIC = "dynamic"


class GroupEffect(StrEnum):
    """How rules see it: as a segment, of which members have many, or as the member's one group."""

    SEGMENT = "segment"
    GROUP = "group"


class GroupSchedule(StrEnum):
    """When a query is asked again; by night is at 03:40 in Tehran."""

    HOURLY = "hourly"
    NIGHTLY = "nightly"
    BY_HAND = "by_hand"


class GroupState(StrEnum):
    """Whether the group is in force; `ending` is taken away from its members and then deleted."""

    ACTIVE = "active"
    ENDING = "ending"


class GroupCreate(BaseModel):
    """A new group."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "regulars",
                "title": "Regulars",
                "title_fa": "مشتریان همیشگی",
                "kind": "dynamic",
                "effect": "segment",
                "query": _QUERY_EXAMPLE,
                "schedule": "nightly",
            }
        },
    )

    code: ShortCode
    title: Title
    title_fa: Title
    kind: GroupKind
    effect: GroupEffect = GroupEffect.SEGMENT
    segment_bit: Bit | None = Field(
        default=None, description="Number of the segment in the rules; left out, the lowest free one."
    )
    priority: Priority = Field(
        default=100, description="Of several groups that would be the member's one group the lowest counts."
    )
    query: Query | None = Field(default=None, description="For a dynamic group, and needed there.")
    schedule: GroupSchedule = GroupSchedule.NIGHTLY

    @model_validator(mode="after")
    def _parts_agree(self) -> "GroupCreate":
        if (self.query is not None) != (self.kind is GroupKind.DYNAMIC):
            raise ValueError("query is for a dynamic group, and needed there")
        if self.segment_bit is not None and self.effect is not GroupEffect.SEGMENT:
            raise ValueError("segment_bit is for a segment")
        return self


class GroupUpdate(BaseModel):
    """What is to change of a group; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"schedule": "hourly"}})

    title: Title | None = None
    title_fa: Title | None = None
    priority: Priority | None = None
    query: Query | None = Field(default=None, description="Of a dynamic group.")
    schedule: GroupSchedule | None = None


class GroupRead(BaseModel):
    """A group."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "code": "regulars",
                "title": "Regulars",
                "title_fa": "مشتریان همیشگی",
                "kind": "dynamic",
                "effect": "segment",
                "segment_bit": 7,
                "priority": 100,
                "query": _QUERY_EXAMPLE,
                "schedule": "nightly",
                "state": "active",
                "due_at": "2026-11-23T00:10:00Z",
                "members": 1240,
                "computed_at": "2026-11-22T00:10:09Z",
                "created_at": "2026-11-01T09:30:00Z",
            }
        }
    )

    id: int
    code: str
    title: str
    title_fa: str
    kind: GroupKind
    effect: GroupEffect
    segment_bit: int | None
    priority: int
    query: dict[str, JsonValue] | None = Field(
        description="As it was given; of a static group what fills it once, until that is done."
    )
    schedule: GroupSchedule
    state: GroupState
    due_at: datetime | None = Field(description="When it is computed next.")
    members: int | None = Field(description="As last computed.")
    computed_at: datetime | None
    created_at: datetime


class GroupMemberRead(BaseModel):
    """A member of a group."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"member_id": 12, "since": "2026-11-22T00:10:09Z"}}
    )

    member_id: int
    since: datetime


class QueryCreate(BaseModel):
    """A query for members."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"query": _QUERY_EXAMPLE}})

    query: Query


class FoundMember(BaseModel):
    """A member whom a query finds."""

    id: int
    tier: str
    status: MemberStatus
    joined_at: datetime


class PreviewRead(BaseModel):
    """What a query would find now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "count": 1240,
                "is_complete": True,
                "asked_up_to": 20000,
                "members": [
                    {"id": 12, "tier": "gold", "status": "active", "joined_at": "2026-03-21T06:30:00Z"}
                ],
            }
        }
    )

    count: int
    is_complete: bool = Field(description="Whether all members were asked in the time that a preview has.")
    asked_up_to: int = Field(description="The last member number that was asked.")
    members: list[FoundMember] = Field(description="The first twenty.")


class ComputationRead(BaseModel):
    """A computation that will begin soon."""

    model_config = ConfigDict(json_schema_extra={"example": {"job_run_id": 41}})

    job_run_id: int = Field(description="Its run under `/v1/jobs`.")


class SegmentsRead(BaseModel):
    """Bits of segments by code, as the rules' `[segments]` has them."""

    model_config = ConfigDict(json_schema_extra={"example": {"segments": {"regulars": 7}}})

    segments: dict[str, int]
