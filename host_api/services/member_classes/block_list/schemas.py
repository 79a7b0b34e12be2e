"""What the block list takes and gives."""

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.iran.schema_types import MobileNumber, NationalId
from host_api.core.path_ids import LARGEST_ID
from host_api.services.member_classes.texts import Reason


class BlockState(StrEnum):
    """Where an entry stands: WAITING until it begins, then ACTIVE; LIFTED by two persons, or EXPIRED."""

    WAITING = "waiting"
    ACTIVE = "active"
    LIFTED = "lifted"
    EXPIRED = "expired"


class BlockListReason(StrEnum):
    """Why somebody is not permitted."""

    FRAUD = "fraud"
    DEBT = "debt"
    MISUSE = "misuse"
    LEGAL = "legal"
    OWN_WISH = "own_wish"
    OTHER = "other"


class LiftingState(StrEnum):
    """Where a wish to lift an entry stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class BlockEntryCreate(_Wanted):
    """Somebody is not permitted any more."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "mobile": "۰۹۱۲ ۳۴۵ ۶۷۸۹",
                "reason_code": "fraud",
                "reason": "سوءاستفاده از کارت دیگران",
                "until_at": "2027-03-21T00:00:00Z",
            }
        }
    )

    member_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Blocked at once.")
    mobile: MobileNumber | None = Field(default=None, description="Nobody joins with it.")
    national_id: NationalId | None = Field(default=None, description="Nobody joins with it.")
    reason_code: BlockListReason
    reason: Reason
    from_at: AwareDatetime | None = Field(default=None, description="Now, where left out.")
    until_at: AwareDatetime | None = Field(default=None, description="Until lifted, where left out.")

    @model_validator(mode="after")
    def _check(self) -> "BlockEntryCreate":
        if self.member_id is None and self.mobile is None and self.national_id is None:
            raise PydanticCustomError("nobody", "Give a member, a mobile number or a national id")
        if self.until_at is not None and self.from_at is not None and self.until_at <= self.from_at:
            raise PydanticCustomError("period", "until_at must be later than from_at")
        return self


class BlockLiftingCreate(_Wanted):
    """A wish to lift an entry."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "اشتباه در تطبیق هویت"}})

    reason: Reason


class BlockLiftingRead(BaseModel):
    """A wish to lift an entry, and what was decided."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 1,
                "entry_id": 4,
                "state": "approved",
                "reason": "اشتباه در تطبیق هویت",
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
            }
        }
    )

    id: int
    entry_id: int
    state: LiftingState
    reason: str | None
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class BlockEntryRead(BaseModel):
    """An entry."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "member_id": 12,
                "mobile": "+989123456789",
                "national_id": None,
                "reason_code": "fraud",
                "reason": "سوءاستفاده از کارت دیگران",
                "from_at": "2026-03-21T06:30:00Z",
                "until_at": None,
                "state": "active",
                "entered_by": "نگار",
                "entered_at": "2026-03-21T06:30:00Z",
                "ended_at": None,
                "lifting": None,
            }
        }
    )

    id: int
    member_id: int | None
    mobile: str | None
    national_id: str | None
    reason_code: BlockListReason
    reason: str | None
    from_at: datetime
    until_at: datetime | None
    state: BlockState
    entered_by: str
    entered_at: datetime
    ended_at: datetime | None
    lifting: BlockLiftingRead | None = Field(description="The latest wish to lift it.")
