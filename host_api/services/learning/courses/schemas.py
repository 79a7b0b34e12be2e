"""What courses and lessons take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.services.content.text_types import Abstract, LongText, RowId, Title, WebAddress
from host_api.services.learning.library.schemas import POINTS, Price, Purse

MOST_LESSONS = 200

Level = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Places = Annotated[int, Field(ge=1, le=1_000_000)]
Reason = Annotated[str, Field(min_length=3, max_length=200), kept_name(200)]


class CourseMode(StrEnum):
    """Online: sessions at set times. Offline: lessons to be gone through at any time."""

    ONLINE = "online"
    OFFLINE = "offline"


class CourseState(StrEnum):
    """Where a course stands; of a cancelled one the points go back to those who have it."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class WantedCourseState(StrEnum):
    """What a change may make of it."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


_TEXTS: JsonDict = {
    "mode": "offline",
    "title": "سواد مالی",
    "abstract": "از دخل و خرج تا سرمایه‌گذاری.",
    "description": "در ده جلسهٔ کوتاه…",
    "category_id": 5,
    "teacher_id": 3,
    "audience_level": "مقدماتی",
    "starts_at": None,
    "enrol_until": None,
    "capacity": 40,
    "price": 300,
    "refund_days": 7,
    "refund_percent": 20,
    "is_downloadable": False,
    "has_certificate": True,
}


class CourseCreate(BaseModel):
    """A new course, as a draft."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _TEXTS})

    mode: CourseMode
    title: Title
    abstract: Abstract
    description: LongText
    category_id: RowId = Field(description="A category of the area `courses`.")
    teacher_id: RowId
    audience_level: Level | None = None
    starts_at: AwareDatetime | None = Field(default=None, description="Of an online course; needed there.")
    enrol_until: AwareDatetime | None = None
    capacity: Places | None = Field(default=None, description="Places; left out, there is no end to them.")
    price: Price = 0
    purse: Purse = POINTS
    refund_days: int = Field(
        default=0,
        ge=0,
        le=366,
        description="So many days after the purchase a member may give it back; 0 never.",
    )
    refund_percent: int = Field(
        default=20, ge=0, le=100, description="And has gone through no more than so much of it."
    )
    is_downloadable: bool = False
    has_certificate: bool = False


class CourseUpdate(BaseModel):
    """What is to change; what is left out stays. Those who have it keep their price and terms of return."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"state": "published"}})

    title: Title | None = None
    abstract: Abstract | None = None
    description: LongText | None = None
    category_id: RowId | None = None
    teacher_id: RowId | None = None
    audience_level: Level | None = None
    starts_at: AwareDatetime | None = None
    enrol_until: AwareDatetime | None = None
    capacity: Places | None = None
    price: Price | None = None
    is_downloadable: bool | None = None
    has_certificate: bool | None = None
    state: WantedCourseState | None = None


class CourseCancellation(BaseModel):
    """Why a course doesn't take place; its members are told."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "مدرس بیمار است"}})

    reason: Reason


class CourseLessonCreate(BaseModel):
    """A new lesson or session."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"position": 1, "title": "دخل و خرج", "minutes": 20, "file_id": 9}},
    )

    position: int = Field(ge=1, le=MOST_LESSONS)
    title: Title
    starts_at: AwareDatetime | None = None
    minutes: int | None = Field(default=None, ge=1, le=1440)
    address: WebAddress | None = Field(
        default=None, description="Where it is watched or joined; only those who have the course see it."
    )
    file_id: RowId | None = Field(default=None, description="A file given by `/v1/files`; kept from then on.")


class CourseLessonUpdate(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"minutes": 25}})

    position: int | None = Field(default=None, ge=1, le=MOST_LESSONS)
    title: Title | None = None
    starts_at: AwareDatetime | None = None
    minutes: int | None = Field(default=None, ge=1, le=1440)
    address: WebAddress | None = None
    file_id: RowId | None = None


_LESSON: JsonDict = {"id": 12, "position": 1, "title": "دخل و خرج", "starts_at": None, "minutes": 20}


class CourseLessonOutline(BaseModel):
    """A lesson as everybody sees it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"example": _LESSON},
    )

    id: int
    position: int
    title: str
    starts_at: datetime | None
    minutes: int | None


class CourseLessonRead(CourseLessonOutline):
    """A lesson as the club and those who have the course see it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_LESSON, "address": "https://example.com/watch", "file_id": 9}}
    )

    address: str | None
    file_id: int | None


_COURSE: JsonDict = {
    "id": 5,
    **_TEXTS,
    "purse": 91,
    "places_left": 12,
    "state": "published",
    "created_at": "2026-11-22T09:30:00Z",
}


class CourseRead(BaseModel):
    """A course."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"example": _COURSE},
    )

    id: int
    mode: CourseMode
    title: str
    abstract: str
    description: str
    category_id: int
    teacher_id: int
    audience_level: str | None
    starts_at: datetime | None
    enrol_until: datetime | None
    capacity: int | None
    places_left: int | None = Field(description="Null where there is no end to the places.")
    price: int
    purse: int
    refund_days: int
    refund_percent: int
    is_downloadable: bool
    has_certificate: bool
    state: CourseState
    created_at: datetime


class CourseDetail(CourseRead):
    """A course with its teacher and the outline of its lessons: the page that members see."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_COURSE,
                "teacher": "A teacher",
                "teacher_fa": "مدرس نمونه",
                "category": "Money",
                "category_fa": "پول",
                "lessons": [_LESSON],
            }
        }
    )

    teacher: str
    teacher_fa: str
    category: str
    category_fa: str
    lessons: list[CourseLessonOutline]


class CourseLessonList(BaseModel):
    """The lessons of a course, in their order."""

    items: list[CourseLessonRead]
