"""How articles are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.blog.models import BlogPost
from host_api.services.blog.schemas import BlogLanguage, PostState


class PostSort(StrEnum):
    """Orders of articles."""

    LATEST = "-dated_at"
    OLDEST = "dated_at"


class ArticleQuery(ListQuery):
    """Which published articles, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": BlogPost.id, "dated_at": BlogPost.dated_at}

    sort: PostSort = PostSort.LATEST
    language: Annotated[BlogLanguage | None, Equals(BlogPost.language)] = None
    author_id: Annotated[int | None, Equals(BlogPost.author_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    category_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Those of this category and of all below it."
    )
    tag: str | None = Field(default=None, min_length=1, max_length=40)
    q: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Words of title, summary, tags and text, in whatever spelling; beginnings are enough.",
    )


class PostQuery(ArticleQuery):
    """Which articles, also those that readers don't see."""

    state: Annotated[PostState | None, Equals(BlogPost.state)] = None
