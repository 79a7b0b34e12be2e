"""How reviews are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.reviews.models import Review, ReviewReport
from host_api.services.earning_events.reviews.schemas import ReviewKind, ReviewState, SubjectKind


class ReviewSort(StrEnum):
    """Orders of reviews."""

    LATEST = "-id"
    ID = "id"


class ReviewQuery(ListQuery):
    """Which reviews, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Review.id}

    sort: ReviewSort = Field(
        default=ReviewSort.LATEST, description="The latest first unless asked otherwise."
    )
    kind: Annotated[ReviewKind | None, Equals(Review.kind)] = None
    state: Annotated[ReviewState | None, Equals(Review.state)] = Field(
        default=None, description="`waiting` are those to be decided."
    )
    subject_kind: Annotated[SubjectKind | None, Equals(Review.subject_kind)] = None
    subject: Annotated[str | None, Equals(Review.subject)] = Field(default=None, max_length=64)
    member_id: Annotated[int | None, Equals(Review.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    written_from: Annotated[AwareDatetime | None, AtLeast(Review.written_at)] = None
    written_before: Annotated[AwareDatetime | None, Below(Review.written_at)] = None


class ReviewReportQuery(ListQuery):
    """Which reports of reviews, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ReviewReport.id}

    sort: ReviewSort = ReviewSort.LATEST
    review_id: Annotated[int | None, Equals(ReviewReport.review_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
