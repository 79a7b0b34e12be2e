"""What the blog takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from host_api.core.name_type import kept_name
from host_api.core.persian_text import name_key
from host_api.services.content.text_types import (
    Abstract,
    LongText,
    RowId,
    ShortTitle,
    Slug,
    Title,
    WebAddress,
)

MOST_TAGS = 12
MOST_REFERENCES = 20
_FIRST_YEAR, _LAST_YEAR = 1990, 2200


class BlogLanguage(StrEnum):
    """Language of an article."""

    PERSIAN = "fa"
    ENGLISH = "en"


class PostState(StrEnum):
    """Where an article stands; a published one is shown from its `published_at` on."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


def _has_letters(tag: str) -> str:
    if not name_key(tag):
        raise PydanticCustomError("tag", "A tag has a letter or a digit")
    return tag


Tag = Annotated[str, Field(min_length=1, max_length=40), kept_name(40), AfterValidator(_has_letters)]
Reason = Annotated[str, Field(min_length=3, max_length=200), kept_name(200)]
Line = Annotated[str, Field(min_length=1, max_length=120), kept_name(120)]


class BlogReference(BaseModel):
    """What an article refers to: another article or a page elsewhere."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"title": "سالنامهٔ آماری", "address": "https://example.com/report"}},
    )

    title: Title
    address: WebAddress


_TEXTS: JsonDict = {
    "language": "fa",
    "title": "امتیاز چگونه حساب می‌شود؟",
    "summary": "از خرید تا امتیاز، گام به گام.",
    "body": "## گام نخست\n\nهر خرید **امتیاز** دارد.",
    "category_id": 3,
    "author_id": 2,
    "tags": ["امتیاز", "راهنما"],
}


class BlogPostCreate(BaseModel):
    """A new draft."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _TEXTS})

    language: BlogLanguage
    translation_of: RowId | None = Field(
        default=None, description="Id of the same article in the other language."
    )
    slug: Slug | None = Field(
        default=None, description="Last part of its address; made of the title unless given."
    )
    title: Title
    summary: Abstract
    body: LongText = Field(description="Markdown (CommonMark with tables); HTML in it is shown as text.")
    category_id: RowId
    author_id: RowId
    tags: list[Tag] = Field(
        default=[], max_length=MOST_TAGS, description="Keywords; related articles share them."
    )
    references: list[BlogReference] = Field(default=[], max_length=MOST_REFERENCES)


class BlogPostUpdate(BaseModel):
    """What is to change; what is left out stays. The article is a draft again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"title": "امتیاز یعنی چه؟"}})

    title: Title | None = None
    summary: Abstract | None = None
    body: LongText | None = None
    category_id: RowId | None = None
    author_id: RowId | None = None
    tags: list[Tag] | None = Field(default=None, max_length=MOST_TAGS)
    references: list[BlogReference] | None = Field(default=None, max_length=MOST_REFERENCES)


def _has_a_date(instant: datetime) -> datetime:
    # Pages tell the day in the Jalali calendar, in Tehran.
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise PydanticCustomError("published_at", "Articles are of the years 1990 to 2200")
    return instant


class BlogPublication(BaseModel):
    """From when an article is shown."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"published_at": "2026-11-25T06:30:00Z"}}
    )

    published_at: Annotated[AwareDatetime, AfterValidator(_has_a_date)] | None = Field(
        default=None, description="Now unless given; in the years 1990 to 2200."
    )


class BlogWithdrawal(BaseModel):
    """Why an article is no longer shown."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "آمار کهنه است"}})

    reason: Reason


_SUMMARY: JsonDict = {
    "id": 7,
    "language": "fa",
    "slug": "امتیاز-چگونه-حساب-میشود",
    "title": "امتیاز چگونه حساب می‌شود؟",
    "summary": "از خرید تا امتیاز، گام به گام.",
    "category_id": 3,
    "author_id": 2,
    "tags": ["امتیاز", "راهنما"],
    "reading_minutes": 3,
    "state": "published",
    "published_at": "2026-11-22T09:30:00Z",
}


class BlogPostSummary(BaseModel):
    """An article in a list."""

    model_config = ConfigDict(json_schema_extra={"example": _SUMMARY})

    id: int
    language: BlogLanguage
    slug: str
    title: str
    summary: str
    category_id: int
    author_id: int
    tags: list[str]
    reading_minutes: int = Field(description="Computed from the text.")
    state: PostState
    published_at: datetime | None = Field(description="It is shown from then on.")


class BlogPostRead(BlogPostSummary):
    """An article."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_SUMMARY,
                "translation_of": None,
                "body": "## گام نخست",
                "html": "<h2>گام نخست</h2>",
                "references": [],
                "written_by": "نویسنده",
                "reviewed_by": "سردبیر",
                "reason": None,
                "changed_at": "2026-11-22T09:30:00Z",
            }
        }
    )

    translation_of: int | None
    body: str
    html: str = Field(description="The body as clean HTML.")
    references: list[BlogReference]
    written_by: str
    reviewed_by: str | None
    reason: str | None = Field(description="Why it was withdrawn.")
    changed_at: datetime


class BlogArticleRead(BlogPostSummary):
    """A published article for readers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_SUMMARY,
                "author": "An author",
                "author_fa": "نویسندهٔ نمونه",
                "category": "Guides",
                "category_fa": "راهنما",
                "html": "<h2>گام نخست</h2>",
                "references": [],
                "related": [],
            }
        }
    )

    author: str
    author_fa: str
    category: str
    category_fa: str
    html: str
    references: list[BlogReference]
    related: list[BlogPostSummary]


class BlogPostViews(BaseModel):
    """How often an article was opened."""

    model_config = ConfigDict(json_schema_extra={"example": {"post": _SUMMARY, "views": 42}})

    post: BlogPostSummary
    views: int


class BlogMostViewed(BaseModel):
    """What was opened most often, that first."""

    items: list[BlogPostViews]


class BlogSiteWrite(BaseModel):
    """How the articles are shown to everybody."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "domain": "blog.example.com",
                "title": "Club news",
                "title_fa": "اخبار باشگاه",
                "is_open": True,
            }
        },
    )

    domain: str | None = Field(
        default=None,
        max_length=100,
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$",
        description="The club's own, led to this host; else the pages are under `/clubs/CODE/blog` only.",
    )
    title: ShortTitle
    title_fa: ShortTitle
    tagline: Line | None = None
    tagline_fa: Line | None = None
    is_open: bool = False


class BlogSiteRead(BlogSiteWrite):
    """The site as it is."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "example": {
                "domain": "blog.example.com",
                "title": "Club news",
                "title_fa": "اخبار باشگاه",
                "tagline": None,
                "tagline_fa": None,
                "is_open": True,
                "path": "/clubs/club/blog",
            }
        },
    )

    path: str = Field(description="Address of the pages on this host; by the domain they are under `/blog`.")
