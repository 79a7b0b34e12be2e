"""What categories and people take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.services.content.text_types import LongText, RowId, ShortTitle, Slug

Name = Annotated[str, Field(min_length=1, max_length=80), kept_name(80)]
Line = Annotated[str, Field(min_length=1, max_length=200), kept_name(200)]


class ContentArea(StrEnum):
    """Whose tree it is."""

    BLOG = "blog"
    LIBRARY = "library"
    COURSES = "courses"


class PersonRole(StrEnum):
    """What a person does."""

    ANALYST = "analyst"
    AUTHOR = "author"
    TEACHER = "teacher"


class ContentCategoryCreate(BaseModel):
    """A new category."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"area": "blog", "slug": "bourse", "title": "Stock market", "title_fa": "بازار سهام"}
        },
    )

    area: ContentArea
    parent_id: RowId | None = None
    slug: Slug
    title: ShortTitle
    title_fa: ShortTitle


class ContentCategoryUpdate(BaseModel):
    """What is to change; its place in the tree stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"title_fa": "بورس"}})

    title: ShortTitle | None = None
    title_fa: ShortTitle | None = None


class ContentCategoryRead(BaseModel):
    """A category."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 3,
                "area": "blog",
                "parent_id": None,
                "slug": "bourse",
                "title": "Stock market",
                "title_fa": "بازار سهام",
            }
        },
    )

    id: int
    area: ContentArea
    parent_id: int | None
    slug: str
    title: str
    title_fa: str


_PERSON: JsonDict = {
    "role": "analyst",
    "name": "Example analyst",
    "name_fa": "تحلیلگر نمونه",
    "position": "کارشناس ارشد",
    "licence_number": "1234",
    "specialities": "پتروشیمی",
    "biography": None,
}


class ContentPersonCreate(BaseModel):
    """A new analyst, author or teacher. All of it is shown to readers."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _PERSON})

    role: PersonRole
    name: Name
    name_fa: Name
    position: Name | None = None
    licence_number: str | None = Field(default=None, pattern=r"^[A-Za-z0-9/-]{1,40}$")
    specialities: Line | None = None
    biography: Annotated[LongText, Field(max_length=2000)] | None = None


class ContentPersonUpdate(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"position": "مدیر پژوهش"}})

    name: Name | None = None
    name_fa: Name | None = None
    position: Name | None = None
    licence_number: str | None = Field(default=None, pattern=r"^[A-Za-z0-9/-]{1,40}$")
    specialities: Line | None = None
    biography: Annotated[LongText, Field(max_length=2000)] | None = None


class ContentPersonRead(BaseModel):
    """An analyst, author or teacher."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"example": {"id": 2, **_PERSON, "created_at": "2026-11-22T09:30:00Z"}},
    )

    id: int
    role: PersonRole
    name: str
    name_fa: str
    position: str | None
    licence_number: str | None
    specialities: str | None
    biography: str | None
    created_at: datetime
