"""What purchases of reports, books and courses take and give."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.services.content.text_types import RowId
from host_api.services.learning.courses.schemas import CourseLessonRead, Reason


class LearningKind(StrEnum):
    """What is got: a report or book of the library, or a course."""

    DOCUMENT = "document"
    COURSE = "course"


class LearningPurchaseState(StrEnum):
    """Where a purchase stands. `unreturned`: the switch has refused to give the units back; ask again."""

    ASKED = "asked"
    ACTIVE = "active"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    RETURNING = "returning"
    RETURNED = "returned"
    UNRETURNED = "unreturned"


class LearningPurchaseCreate(BaseModel):
    """What a member wants."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "kind": "course", "subject_id": 5}}
    )

    member_id: RowId
    kind: LearningKind
    subject_id: RowId = Field(description="Id of the report, book or course.")


class LearningReturn(BaseModel):
    """Why the club takes it back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "عضو ناراضی بود"}})

    reason: Reason


_PURCHASE: JsonDict = {
    "id": 8,
    "kind": "course",
    "subject_id": 5,
    "member_id": 12,
    "price": 300,
    "purse": 91,
    "state": "active",
    "asked_at": "2026-11-22T09:30:00Z",
    "begun_at": "2026-11-22T09:30:01Z",
    "completed_at": None,
    "returned_at": None,
    "reason": None,
    "response_code": "00",
    "rrn": "000000000042",
    "certificate_number": None,
}
_OWN: JsonDict = {**_PURCHASE, "title": "سواد مالی", "lessons": 10, "lessons_done": 4}


class LearningPurchaseRead(BaseModel):
    """What a member has, or had."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"example": _PURCHASE},
    )

    id: int
    kind: LearningKind
    subject_id: int
    member_id: int
    price: int
    purse: int
    state: LearningPurchaseState
    asked_at: datetime
    begun_at: datetime | None
    completed_at: datetime | None
    returned_at: datetime | None
    reason: str | None
    response_code: str | None
    rrn: str | None
    certificate_number: str | None


class OwnLearningRead(LearningPurchaseRead):
    """What a member has, with its title and how far the member has gone."""

    model_config = ConfigDict(json_schema_extra={"example": _OWN})

    title: str
    lessons: int = Field(description="Of a course.")
    lessons_done: int


class OwnLearningDetail(OwnLearningRead):
    """The same with the lessons and what of them the member has gone through."""

    model_config = ConfigDict(json_schema_extra={"example": {**_OWN, "items": [], "done": [12, 13]}})

    items: list[CourseLessonRead] = Field(description="Empty unless the member has the course.")
    done: list[int] = Field(description="Ids of lessons.")


class LearningLinkRead(BaseModel):
    """A link that downloads one file without a key, for as long as the member has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "path": "/learning/downloads/AAAAAAAAAAEAAAAAAAAABwAAAABnQE",
                "expires_at": "2026-11-22T09:45:00Z",
            }
        }
    )

    path: str = Field(description="Address on this host.")
    expires_at: datetime
