"""What is taken and given of interests."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.name_type import kept_name
from host_api.services.members.interests.models import Interest

InterestCode = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$", description="A tag of the club's own.")
]
Interests = Annotated[
    list[InterestCode], Field(max_length=50), AfterValidator(lambda codes: sorted(set(codes)))
]
Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]


class InterestSort(StrEnum):
    """Orders of interests."""

    ID = "id"
    CODE = "code"
    LATEST = "-id"


class InterestQuery(ListQuery):
    """Which interests, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Interest.id, "code": Interest.code}

    sort: InterestSort = Field(default=InterestSort.CODE, description="The order; a minus turns it round.")
    is_offered: Annotated[bool | None, Equals(Interest.is_offered)] = Field(
        default=None, description="Only those that are offered, or only those that are not."
    )


class InterestCreate(BaseModel):
    """A new tag."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"code": "books", "title": "Books", "title_fa": "کتاب"}},
    )

    code: InterestCode
    title: Title
    title_fa: Title


class InterestUpdate(BaseModel):
    """What is to change of a tag; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_offered": False}})

    title: Title | None = None
    title_fa: Title | None = None
    is_offered: bool | None = Field(
        default=None, description="A tag no longer offered stays with those who have it."
    )


class InterestRead(BaseModel):
    """A tag that members can have."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": 3, "code": "books", "title": "Books", "title_fa": "کتاب", "is_offered": True}
        }
    )

    id: int
    code: str
    title: str
    title_fa: str
    is_offered: bool
