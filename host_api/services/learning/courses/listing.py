"""How courses are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.learning.courses.schemas import CourseMode, CourseState
from host_api.services.learning.models import Course


class CourseSort(StrEnum):
    """Orders of courses."""

    LATEST = "-id"
    ID = "id"


class CatalogueQuery(ListQuery):
    """Which published courses, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Course.id}

    sort: CourseSort = CourseSort.LATEST
    mode: Annotated[CourseMode | None, Equals(Course.mode)] = None
    teacher_id: Annotated[int | None, Equals(Course.teacher_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    price_below: Annotated[int | None, Below(Course.price)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="1 for free ones."
    )
    category_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Those of this category and of all below it."
    )
    q: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Words of title, abstract, description and teacher, in whatever spelling.",
    )


class CourseQuery(CatalogueQuery):
    """Which courses, also those that members don't see."""

    state: Annotated[CourseState | None, Equals(Course.state)] = None
