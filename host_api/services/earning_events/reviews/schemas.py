"""What is taken and given of reviews."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.telling.schemas import Reason
from host_api.services.earning_events.types.schemas import EventCode

MOST_CHARACTERS = 2000
WHOLE_CLUB = "club"
_ID = "[1-9][0-9]{0,11}"

WrittenText = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=MOST_CHARACTERS,
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]+$",
    ),
]


class ReviewKind(StrEnum):
    """A comment under something, or praise and analyses."""

    REVIEW = "review"
    PRAISE = "praise"


class SubjectKind(StrEnum):
    """What it is about."""

    PRODUCT = "product"
    BRANCH = "branch"
    CLUB = "club"
    POST = "post"
    DOCUMENT = "library"
    COURSE = "course"


# Of these the subject is an id.
_BY_ID = (SubjectKind.BRANCH, SubjectKind.POST, SubjectKind.DOCUMENT, SubjectKind.COURSE)


class ReviewState(StrEnum):
    """Where a text stands. A withdrawn one was approved first; it stays withdrawn."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ReviewCreate(BaseModel):
    """What a member writes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "member_id": 12,
                "kind": "review",
                "subject_kind": "product",
                "subject": "MILK-1L",
                "text": "تازه بود و بسته‌بندی خوبی داشت.",
                "stars": 5,
            }
        },
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    kind: ReviewKind = ReviewKind.REVIEW
    subject_kind: SubjectKind
    subject: str = Field(
        default=WHOLE_CLUB,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="SKU of a product; id of a branch, an article, a book or report (`library`) or a course; "
        "left out for the club.",
    )
    text: WrittenText
    stars: int | None = Field(default=None, ge=1, le=5)

    @model_validator(mode="after")
    def _agrees(self) -> "ReviewCreate":
        if (self.subject_kind is SubjectKind.CLUB) != (self.subject == WHOLE_CLUB):
            raise ValueError("the subject is left out for the club, and only there")
        if self.subject_kind in _BY_ID and not re.fullmatch(_ID, self.subject):
            raise ValueError("this kind of subject is named by its id")
        return self


class ReviewDecision(BaseModel):
    """Why a text is rejected or withdrawn; the member is told."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "متن تبلیغاتی است"}})

    reason: Reason


class ReviewRead(BaseModel):
    """A text, and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "kind": "review",
                "subject_kind": "product",
                "subject": "MILK-1L",
                "member_id": 12,
                "text": "تازه بود و بسته‌بندی خوبی داشت.",
                "stars": 5,
                "state": "approved",
                "attempt": 1,
                "same_texts": 0,
                "written_at": "2026-03-21T06:30:00Z",
                "decided_at": "2026-03-21T08:00:00Z",
                "decided_by": "امید",
                "reason": None,
                "event_id": 31,
            }
        }
    )

    id: int
    kind: ReviewKind
    subject_kind: SubjectKind
    subject: str
    member_id: int
    text: str
    stars: int | None
    state: ReviewState
    attempt: int = Field(description="Above 1 where it was written again after a rejection.")
    same_texts: int = Field(description="Texts of other members with the same words.")
    written_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None = Field(description="As the member was told.")
    event_id: int | None = Field(description="The event that it earned by, under `/v1/earning-events`.")


class ReviewPolicyUpdate(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"least_characters": 30}})

    event: EventCode | None = None
    least_characters: int | None = Field(default=None, ge=1, le=MOST_CHARACTERS)
    most_characters: int | None = Field(default=None, ge=1, le=MOST_CHARACTERS)
    are_links_allowed: bool | None = None
    most_waiting: int | None = Field(default=None, ge=1, le=1000)
    most_per_day: int | None = Field(default=None, ge=1, le=1000)


class ReviewPolicyRead(BaseModel):
    """What texts of a kind have to be like."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "review",
                "event": "review",
                "least_characters": 10,
                "most_characters": 2000,
                "are_links_allowed": False,
                "most_waiting": 10,
                "most_per_day": 20,
            }
        }
    )

    kind: ReviewKind
    event: str = Field(description="The event that an approved text tells.")
    least_characters: int
    most_characters: int
    are_links_allowed: bool
    most_waiting: int = Field(description="So many texts of a member may wait at once.")
    most_per_day: int = Field(
        description="So many texts, and so many reports, a member may write in 24 hours."
    )


class ReviewReportCreate(BaseModel):
    """What a member finds wrong with another's review."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 15, "reason": "ناسزا دارد"}}
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    reason: Reason


class ReviewReportRead(BaseModel):
    """A report of a review."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 2,
                "review_id": 4,
                "member_id": 15,
                "reason": "ناسزا دارد",
                "reported_at": "2026-03-21T09:00:00Z",
            }
        },
    )

    id: int
    review_id: int
    member_id: int
    reason: str
    reported_at: datetime
