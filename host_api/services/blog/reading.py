"""Articles for those who read them: lists, search, related ones, and what is opened most."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, select

from host_api.core.database import AnySession
from host_api.core.listing import Page, read_rows
from host_api.core.persian_text import name_key
from host_api.core.tehran_time import tehran_date
from host_api.services.blog import problems
from host_api.services.blog.listing import ArticleQuery
from host_api.services.blog.models import BlogPost, BlogPostTag, BlogPostView
from host_api.services.blog.schemas import (
    BlogArticleRead,
    BlogLanguage,
    BlogMostViewed,
    BlogPostRead,
    BlogPostSummary,
    BlogPostViews,
    BlogReference,
    PostState,
)
from host_api.services.content import logic as content
from host_api.services.content.search import SearchedKind, found_by

MOST_RELATED: Final = 5


def is_shown(now: datetime) -> ColumnElement[bool]:
    """Whether readers see an article."""
    return and_(BlogPost.state == PostState.PUBLISHED.value, BlogPost.dated_at <= now)


async def read_page(
    session: AnySession, query: ArticleQuery, only: Sequence[ColumnElement[bool]] = ()
) -> Page[BlogPostSummary]:
    """A page of articles."""
    statement: Select[BlogPost] = select(BlogPost).where(
        *only, *found_by(SearchedKind.POST, BlogPost.id, query.q)
    )
    if query.category_id is not None:
        ids = await content.with_those_below(session, query.category_id)
        statement = statement.where(BlogPost.category_id.in_(ids))
    if query.tag is not None:
        tagged = select(BlogPostTag.post_id).where(BlogPostTag.key == name_key(query.tag)[:40])
        statement = statement.where(BlogPost.id.in_(tagged))
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=await summaries(session, rows), next_cursor=next_cursor)


async def read_whole(session: AnySession, row: BlogPost) -> BlogPostRead:
    """An article as its writers see it."""
    (summary,) = await summaries(session, [row])
    return BlogPostRead(
        **summary.model_dump(),
        translation_of=row.translation_of,
        body=row.body,
        html=row.html,
        references=[BlogReference.model_validate(each) for each in row.references],
        written_by=row.written_by_name,
        reviewed_by=row.reviewed_by_name,
        reason=row.reason,
        changed_at=row.changed_at,
    )


async def find_shown(session: AnySession, slug: str, now: datetime) -> BlogPost:
    """A published article by its address.

    Raises:
        BlogPostNotFound
    """
    row = await session.scalar(select(BlogPost).where(BlogPost.slug == slug, is_shown(now)))
    if row is None:
        raise problems.BlogPostNotFound
    return row


async def read_article(session: AnySession, row: BlogPost, now: datetime) -> BlogArticleRead:
    """An article as readers see it."""
    (summary,) = await summaries(session, [row])
    author = await content.find_person(session, row.author_id)
    category = await content.find_category(session, row.category_id)
    return BlogArticleRead(
        **summary.model_dump(),
        author=author.name,
        author_fa=author.name_fa,
        category=category.title,
        category_fa=category.title_fa,
        html=row.html,
        references=[BlogReference.model_validate(each) for each in row.references],
        related=await related(session, row, now),
    )


async def related(session: AnySession, row: BlogPost, now: datetime) -> list[BlogPostSummary]:
    """Published articles of the same language that share tags, most first; then others of the category."""
    own_keys = select(BlogPostTag.key).where(BlogPostTag.post_id == row.id)
    shared = func.count(BlogPostTag.key)
    others = (is_shown(now), BlogPost.id != row.id, BlogPost.language == row.language)
    rows = list(
        await session.scalars(
            select(BlogPost)
            .join(
                BlogPostTag,
                and_(BlogPostTag.post_id == BlogPost.id, BlogPostTag.programme_id == BlogPost.programme_id),
            )
            .where(BlogPostTag.key.in_(own_keys), *others)
            .group_by(BlogPost.id)
            .order_by(shared.desc(), BlogPost.dated_at.desc(), BlogPost.id.desc())
            .limit(MOST_RELATED)
        )
    )
    if len(rows) < MOST_RELATED:
        rows += await session.scalars(
            select(BlogPost)
            .where(
                *others,
                BlogPost.category_id == row.category_id,
                BlogPost.id.not_in([each.id for each in rows]),
            )
            .order_by(BlogPost.dated_at.desc(), BlogPost.id.desc())
            .limit(MOST_RELATED - len(rows))
        )
    return await summaries(session, rows)


async def most_viewed(
    session: AnySession, now: datetime, *, days: int, limit: int, language: BlogLanguage | None = None
) -> BlogMostViewed:
    """Published articles that were opened most on the latest days."""
    views = func.sum(BlogPostView.views)
    since = tehran_date(now) - timedelta(days=days - 1)
    statement = (
        select(BlogPost.id, views)
        .join(
            BlogPostView,
            and_(BlogPostView.post_id == BlogPost.id, BlogPostView.programme_id == BlogPost.programme_id),
        )
        .where(is_shown(now), BlogPostView.day >= since)
        .group_by(BlogPost.id)
        .order_by(views.desc(), BlogPost.id.desc())
        .limit(limit)
    )
    if language is not None:
        statement = statement.where(BlogPost.language == language.value)
    counts = {post_id: int(count) for post_id, count in await session.execute(statement)}
    rows = await session.scalars(select(BlogPost).where(BlogPost.id.in_(counts)))
    by_id = {post.id: post for post in await summaries(session, list(rows))}
    return BlogMostViewed(
        items=[BlogPostViews(post=by_id[post_id], views=count) for post_id, count in counts.items()]
    )


async def translations(session: AnySession, row: BlogPost, now: datetime) -> dict[str, str]:
    """Addresses of the same article by language, its own too."""
    original = row.translation_of or row.id
    rows = await session.scalars(
        select(BlogPost).where(
            is_shown(now), (BlogPost.id == original) | (BlogPost.translation_of == original)
        )
    )
    return {each.language: each.slug for each in rows}


async def summaries(session: AnySession, rows: Sequence[BlogPost]) -> list[BlogPostSummary]:
    """Articles as lists have them."""
    tags: dict[int, list[str]] = {}
    found = await session.execute(
        select(BlogPostTag.post_id, BlogPostTag.tag)
        .where(BlogPostTag.post_id.in_([row.id for row in rows]))
        .order_by(BlogPostTag.post_id, BlogPostTag.position)
    )
    for post_id, tag in found:
        tags.setdefault(post_id, []).append(tag)
    return [
        BlogPostSummary(
            id=row.id,
            language=BlogLanguage(row.language),
            slug=row.slug,
            title=row.title,
            summary=row.summary,
            category_id=row.category_id,
            author_id=row.author_id,
            tags=tags.get(row.id, []),
            reading_minutes=row.reading_minutes,
            state=PostState(row.state),
            published_at=row.dated_at if row.state == PostState.PUBLISHED else None,
        )
        for row in rows
    ]
