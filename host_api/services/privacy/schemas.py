"""What the privacy service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.path_ids import LARGEST_ID


class PrivacyKind(StrEnum):
    """What is wanted."""

    EXPORT = "export"
    ERASE = "erase"


class PrivacyState(StrEnum):
    """Where a request stands.

    ASKED waits for the second person. GIVING_UP: the switch takes the points that were given up. WORKING: a
    job does it. DONE. HINDERED: something came between; ask again once it is gone.
    """

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    GIVING_UP = "giving_up"
    WORKING = "working"
    DONE = "done"
    HINDERED = "hindered"


class PrivacyReason(StrEnum):
    """Why. A code and no text: what is written about somebody would have to be erased too."""

    MEMBER_WISH = "member_wish"
    LAW = "law"
    INACTIVITY = "inactivity"
    OTHER = "other"


MemberId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class PrivacyExportCreate(BaseModel):
    """All that is held of a member is wanted as a file."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "reason_code": "member_wish"}}
    )

    member_id: MemberId
    reason_code: PrivacyReason = PrivacyReason.MEMBER_WISH


class PrivacyErasureCreate(BaseModel):
    """A member is to be erased."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"member_id": 12, "reason_code": "member_wish", "gives_up_points": True}
        },
    )

    member_id: MemberId
    reason_code: PrivacyReason = PrivacyReason.MEMBER_WISH
    gives_up_points: bool = Field(
        default=False,
        description="The member gives up what is in the purses: it is debited first. Else points hinder.",
    )


class PrivacyRequestRead(BaseModel):
    """An export or an erasing."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "kind": "erase",
                "state": "done",
                "member_id": 12,
                "reason_code": "member_wish",
                "gives_up_points": True,
                "hindrances": [],
                "file_ids": [],
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "امید",
                "decided_at": "2026-03-21T06:35:00Z",
                "finished_at": "2026-03-21T06:35:02Z",
            }
        }
    )

    id: int
    kind: PrivacyKind
    state: PrivacyState
    member_id: int
    reason_code: PrivacyReason
    gives_up_points: bool
    hindrances: list[str] = Field(description="What came between, where it is `hindered`.")
    file_ids: list[int] = Field(description="Of an export: JSON first, then the one to read; for 30 days.")
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    finished_at: datetime | None


class PersonalDataPartRead(BaseModel):
    """One kind of personal data that the club holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "cards",
                "title": "Cards",
                "title_fa": "کارت‌ها",
                "kept": "The cards' numbers, blocked for ever.",
                "kept_fa": "شمارهٔ کارت‌ها که برای همیشه مسدود می‌مانند.",
            }
        }
    )

    name: str
    title: str
    title_fa: str
    kept: str = Field(description="What erasing leaves, and for how long.")
    kept_fa: str
