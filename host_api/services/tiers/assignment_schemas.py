"""What the tiers service takes and gives of tiers by hand."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.jalali import CalendarDate
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.members.schemas import TierName

Reason = Annotated[str, Field(min_length=3, max_length=200), kept_name(200)]


class AssignmentState(StrEnum):
    """Where an assignment by hand stands."""

    ASKED = "asked"
    ACTIVE = "active"
    REJECTED = "rejected"
    ENDED = "ended"


class AssignmentCreate(BaseModel):
    """A tier by hand."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "member_id": 12,
                "tier": "vip",
                "reason": "مشتری ممتاز شعبهٔ مرکزی",
                "until": "1405-12-29",
            }
        },
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    tier: TierName
    reason: Reason
    until: CalendarDate | None = Field(default=None, description="Its last day; left out, it has no end.")
    is_exact: bool = Field(
        default=False, description="This tier and no other; else at least this one, and higher if earned."
    )


class AssignmentRead(BaseModel):
    """A tier by hand."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "member_id": 12,
                "tier": "vip",
                "is_exact": False,
                "reason": "مشتری ممتاز شعبهٔ مرکزی",
                "until": "2027-03-20T20:30:00Z",
                "state": "asked",
                "asked_by": "sara",
                "asked_at": "2026-11-22T09:30:00Z",
                "decided_by": None,
                "decided_at": None,
                "ended_at": None,
            }
        }
    )

    id: int
    member_id: int
    tier: str
    is_exact: bool
    reason: str
    until: datetime | None
    state: AssignmentState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_at: datetime | None
