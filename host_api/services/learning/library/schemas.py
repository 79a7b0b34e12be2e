"""What reports and books take and give."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.services.content.text_types import Abstract, RowId, Title

POINTS = 91

Price = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, description="Units of the purse; 0 is free.")]
Purse = Annotated[int, Field(ge=60, le=99, description="Account type of the purse; 91 is points.")]
Line = Annotated[str, Field(min_length=1, max_length=80), kept_name(80)]


class DocumentKind(StrEnum):
    """A market report of an analyst, or a book."""

    ANALYSIS = "analysis"
    BOOK = "book"


class PublisherKind(StrEnum):
    """Who has published a book."""

    CLUB = "club"
    PUBLISHER = "publisher"
    UNIVERSITY = "university"
    AUTHOR = "author"


class ContentState(StrEnum):
    """Where a report or a book stands; a withdrawn one stays with those who have it."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


_TEXTS: JsonDict = {
    "title": "چشم‌انداز بازار در زمستان",
    "abstract": "نگاهی به سه صنعت بزرگ.",
    "category_id": 4,
    "author_id": 2,
    "subject": "پتروشیمی",
    "dated_on": "2026-11-22",
    "file_id": 7,
    "price": 120,
}


class LibraryDocumentCreate(BaseModel):
    """A new report or book, as a draft."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"kind": "analysis", **_TEXTS}})

    kind: DocumentKind
    title: Title
    abstract: Abstract
    category_id: RowId = Field(description="A category of the area `library`: the topic.")
    author_id: RowId = Field(description="One of the people; of a report an analyst.")
    subject: Line | None = None
    publisher: Line | None = None
    publisher_kind: PublisherKind | None = None
    dated_on: date | None = Field(default=None, description="Day of the report, or of the book's edition.")
    file_id: RowId | None = Field(default=None, description="A file given by `/v1/files`; kept from then on.")
    price: Price = 0
    purse: Purse = POINTS
    is_downloadable: bool = True


class LibraryDocumentUpdate(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"state": "published"}})

    title: Title | None = None
    abstract: Abstract | None = None
    category_id: RowId | None = None
    author_id: RowId | None = None
    subject: Line | None = None
    publisher: Line | None = None
    publisher_kind: PublisherKind | None = None
    dated_on: date | None = None
    file_id: RowId | None = Field(default=None, description="Takes the place of the file before.")
    price: Price | None = Field(default=None, description="For those who get it from now on.")
    is_downloadable: bool | None = None
    state: ContentState | None = None


class LibraryDocumentRead(BaseModel):
    """A report or book, as readers and the club see it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 5,
                "kind": "analysis",
                **_TEXTS,
                "publisher": None,
                "publisher_kind": None,
                "purse": 91,
                "is_downloadable": True,
                "state": "published",
                "created_at": "2026-11-22T09:30:00Z",
            }
        },
    )

    id: int
    kind: DocumentKind
    title: str
    abstract: str
    category_id: int
    author_id: int
    subject: str | None
    publisher: str | None
    publisher_kind: PublisherKind | None
    dated_on: date | None
    file_id: int | None
    price: int
    purse: int
    is_downloadable: bool
    state: ContentState
    created_at: datetime
