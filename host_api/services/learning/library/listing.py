"""How reports and books are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.learning.library.schemas import ContentState, DocumentKind, PublisherKind
from host_api.services.learning.models import LibraryDocument


class DocumentSort(StrEnum):
    """Orders of reports and books."""

    LATEST = "-id"
    ID = "id"


class ShelfQuery(ListQuery):
    """Which published reports and books, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": LibraryDocument.id}

    sort: DocumentSort = DocumentSort.LATEST
    kind: Annotated[DocumentKind | None, Equals(LibraryDocument.kind)] = None
    author_id: Annotated[int | None, Equals(LibraryDocument.author_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    publisher_kind: Annotated[PublisherKind | None, Equals(LibraryDocument.publisher_kind)] = None
    category_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Those of this category and of all below it."
    )
    q: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Words of title, abstract, subject, author and publisher, in whatever spelling.",
    )


class DocumentQuery(ShelfQuery):
    """Which reports and books, also those that readers don't see."""

    state: Annotated[ContentState | None, Equals(LibraryDocument.state)] = None
