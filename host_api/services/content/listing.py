"""How categories and people are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.content.models import ContentCategory, ContentPerson
from host_api.services.content.schemas import ContentArea, PersonRole


class ContentSort(StrEnum):
    """Orders of categories and people."""

    ID = "id"
    LATEST = "-id"


class ContentCategoryQuery(ListQuery):
    """Which categories."""

    sorts: ClassVar[dict[str, Column]] = {"id": ContentCategory.id}

    sort: ContentSort = ContentSort.ID
    area: Annotated[ContentArea | None, Equals(ContentCategory.area)] = None
    parent_id: Annotated[int | None, Equals(ContentCategory.parent_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only those right below this one."
    )


class ContentPersonQuery(ListQuery):
    """Which people."""

    sorts: ClassVar[dict[str, Column]] = {"id": ContentPerson.id}

    sort: ContentSort = ContentSort.ID
    role: Annotated[PersonRole | None, Equals(ContentPerson.role)] = None
