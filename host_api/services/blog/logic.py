"""Writing, reviewing, publishing and withdrawing articles."""

from datetime import datetime

from sqlalchemy import delete, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.events.emission import Subject, emit
from host_api.core.locking import check_version
from host_api.core.persian_text import name_key
from host_api.core.second_person import check_second_person
from host_api.services.blog import problems
from host_api.services.blog.events import BLOG_POST_PUBLISHED, BlogPostPublished
from host_api.services.blog.markdown import as_html, reading_minutes
from host_api.services.blog.models import BlogPost, BlogPostTag
from host_api.services.blog.schemas import BlogPostCreate, BlogPostUpdate, PostState
from host_api.services.content import logic as content
from host_api.services.content.schemas import ContentArea
from host_api.services.content.search import SearchedKind, keep_words
from host_api.services.content.text_types import slug_of


async def create(session: WriteSession, wanted: BlogPostCreate, caller: Caller) -> BlogPost:
    """Write a draft.

    Raises:
        ContentCategoryNotFound, ContentPersonNotFound, BlogPostNotFound: of the original,
        BlogTranslationWrong, BlogSlugTaken
    """
    await content.find_category(session, wanted.category_id, ContentArea.BLOG)
    await content.find_person(session, wanted.author_id)
    if wanted.translation_of is not None:
        original = await find(session, wanted.translation_of)
        if original.language == wanted.language or original.translation_of is not None:
            raise problems.BlogTranslationWrong
    now, html = utc_now(), as_html(wanted.body)
    row = BlogPost(
        **wanted.model_dump(exclude={"language", "slug", "tags"}),
        language=wanted.language.value,
        slug=wanted.slug or slug_of(wanted.title) or f"{now:%Y%m%d%H%M%S}",
        html=html,
        reading_minutes=reading_minutes(html),
        state=PostState.DRAFT.value,
        dated_at=now,
        written_by=caller.key,
        written_by_name=caller.name,
        changed_at=now,
    )
    session.add(row)
    async with conflict_as(problems.BlogSlugTaken()):
        await session.flush()
    await _keep_tags(session, row, wanted.tags)
    return row


async def find(session: AnySession, post_id: int) -> BlogPost:
    """One article, whatever its state.

    Raises:
        BlogPostNotFound
    """
    row = await session.get(BlogPost, post_id)
    if row is None:
        raise problems.BlogPostNotFound
    return row


async def change(
    session: WriteSession, post_id: int, if_match: str, wanted: BlogPostUpdate, caller: Caller
) -> BlogPost:
    """Change what is given: the article is a draft of the caller's again.

    Raises:
        BlogPostNotFound, ChangedMeanwhile, BlogPostNotInState, ContentCategoryNotFound, ContentPersonNotFound
    """
    row = await find(session, post_id)
    check_version(row, if_match)
    if row.state == PostState.PUBLISHED:
        raise problems.BlogPostNotInState
    if wanted.category_id is not None:
        await content.find_category(session, wanted.category_id, ContentArea.BLOG)
    if wanted.author_id is not None:
        await content.find_person(session, wanted.author_id)
    values = wanted.model_dump(exclude_unset=True, exclude_none=True)
    tags = values.pop("tags", None)
    for name, value in values.items():
        setattr(row, name, value)
    if wanted.body is not None:
        row.html = as_html(wanted.body)
        row.reading_minutes = reading_minutes(row.html)
    row.state, row.changed_at = PostState.DRAFT.value, utc_now()
    row.written_by, row.written_by_name = caller.key, caller.name
    row.reviewed_by_name = row.reason = None
    await session.flush()
    await _keep_tags(session, row, await tags_of(session, row.id) if tags is None else tags)
    return row


async def review(session: WriteSession, post_id: int, caller: Caller) -> BlogPost:
    """Find a draft good, as another person than who changed it last.

    Raises:
        BlogPostNotFound, BlogPostNotInState, OwnAct
    """
    row = await _in_state(session, post_id, PostState.DRAFT)
    check_second_person(row.written_by, caller)
    row.state, row.reviewed_by_name, row.changed_at = PostState.REVIEWED.value, caller.name, utc_now()
    await session.flush()
    return row


async def publish(session: WriteSession, post_id: int, published_at: datetime | None) -> BlogPost:
    """Show a reviewed article from an instant on; nothing has to run then.

    Raises:
        BlogPostNotFound, BlogPostNotInState
    """
    row = await _in_state(session, post_id, PostState.REVIEWED)
    now = utc_now()
    row.state, row.dated_at, row.changed_at = PostState.PUBLISHED.value, published_at or now, now
    payload = BlogPostPublished(post_id=row.id, published_at=row.dated_at)
    emit(session, BLOG_POST_PUBLISHED, Subject("blog_post", row.id), payload)
    await session.flush()
    return row


async def withdraw(session: WriteSession, post_id: int, reason: str) -> BlogPost:
    """Show an article no longer; changed and reviewed, it can be published again.

    Raises:
        BlogPostNotFound, BlogPostNotInState
    """
    row = await _in_state(session, post_id, PostState.PUBLISHED)
    row.state, row.reason, row.changed_at = PostState.WITHDRAWN.value, reason, utc_now()
    await session.flush()
    return row


async def tags_of(session: AnySession, post_id: int) -> list[str]:
    """An article's tags, in their order."""
    rows = await session.scalars(
        select(BlogPostTag.tag).where(BlogPostTag.post_id == post_id).order_by(BlogPostTag.position)
    )
    return list(rows)


async def _in_state(session: WriteSession, post_id: int, state: PostState) -> BlogPost:
    row = await session.get(BlogPost, post_id, with_for_update=True)
    if row is None:
        raise problems.BlogPostNotFound
    if row.state != state:
        raise problems.BlogPostNotInState
    return row


async def _keep_tags(session: WriteSession, row: BlogPost, tags: list[str]) -> None:
    """The tags, once each, and with them the words by which the article is found."""
    await session.execute(
        delete(BlogPostTag).where(BlogPostTag.post_id == row.id).execution_options(synchronize_session=False)
    )
    by_key: dict[str, str] = {}
    for tag in tags:
        by_key.setdefault(name_key(tag)[:40], tag)
    session.add_all(
        BlogPostTag(post_id=row.id, key=key, position=position, tag=tag)
        for position, (key, tag) in enumerate(by_key.items())
    )
    await session.flush()
    await keep_words(session, SearchedKind.POST, row.id, [row.title, *by_key.values(), row.summary, row.body])
