"""What credit users are made of."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from host_api.core.path_ids import LARGEST_ID
from host_api.services.member_classes.texts import Reason


class CreditState(StrEnum):
    """Where a credit stands."""

    ACTIVE = "active"
    ENDED = "ended"
    EXPIRED = "expired"


Ceiling = Annotated[int, Field(ge=1, le=999_999_999_999, description="Most that may be owed, rial.")]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CreditUserCreate(_Wanted):
    """A member is given credit."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "ceiling": 50000000,
                "valid_from": "2026-03-21T00:00:00Z",
                "valid_until": "2027-03-21T00:00:00Z",
                "reason": "همکار قدیمی",
            }
        }
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    ceiling: Ceiling
    valid_from: AwareDatetime | None = Field(default=None, description="Now, where left out.")
    valid_until: AwareDatetime | None = Field(default=None, description="Until ended, where left out.")
    reason: Reason


class CreditUserUpdate(_Wanted):
    """What is to change."""

    model_config = ConfigDict(json_schema_extra={"example": {"ceiling": 80000000}})

    ceiling: Ceiling | None = Field(default=None, description="Null or left out: stays.")
    valid_until: AwareDatetime | None = Field(default=None, description="Null: until ended.")
    reason: Reason | None = Field(default=None, description="Null or left out: stays.")


class CreditUserRead(BaseModel):
    """A member's credit."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "member_id": 12,
                "ceiling": 50000000,
                "valid_from": "2026-03-21T00:00:00Z",
                "valid_until": "2027-03-21T00:00:00Z",
                "reason": "همکار قدیمی",
                "state": "active",
                "created_at": "2026-03-20T06:30:00Z",
                "ended_at": None,
            }
        }
    )

    id: int
    member_id: int
    ceiling: int = Field(description="Rial.")
    valid_from: datetime
    valid_until: datetime | None
    reason: str | None
    state: CreditState
    created_at: datetime
    ended_at: datetime | None
