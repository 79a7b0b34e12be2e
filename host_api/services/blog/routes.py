"""Endpoints of the blog."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.blog import access, logic, problems, reading, sites
from host_api.services.blog.listing import ArticleQuery, PostQuery
from host_api.services.blog.schemas import (
    BlogArticleRead,
    BlogLanguage,
    BlogMostViewed,
    BlogPostCreate,
    BlogPostRead,
    BlogPostSummary,
    BlogPostUpdate,
    BlogPublication,
    BlogSiteRead,
    BlogSiteWrite,
    BlogWithdrawal,
)
from host_api.services.content.problems import ContentCategoryNotFound, ContentPersonNotFound
from host_api.services.content.text_types import LONGEST_SLUG, SLUG_PATTERN

router = APIRouter(prefix="/blog", tags=["blog"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Showing = Annotated[ReadWork, reads(access.ACT)]
SlugInPath = Annotated[str, Path(max_length=LONGEST_SLUG, pattern=SLUG_PATTERN, examples=["tahlil-bazar"])]


@router.post(
    "/posts",
    status_code=201,
    summary="Write an article",
    responses=problem_responses(
        ContentCategoryNotFound,
        ContentPersonNotFound,
        problems.BlogPostNotFound,
        problems.BlogTranslationWrong,
        problems.BlogSlugTaken,
    ),
)
async def create_blog_post(work: Writing, response: Response, wanted: BlogPostCreate) -> BlogPostRead:
    """Keep a draft in Markdown; its address and reading time are computed."""
    row = await logic.create(work.session, wanted, work.caller)
    response.headers["ETag"] = etag(row)
    return await reading.read_whole(work.session, row)


@router.get("/posts", summary="List articles")
async def list_blog_posts(work: Reading, query: Annotated[PostQuery, Query()]) -> Page[BlogPostSummary]:
    """Articles in every state, the latest first; filtered and searched."""
    return await reading.read_page(work.session, query)


@router.get(
    "/posts/{post_id}", summary="Read an article", responses=problem_responses(problems.BlogPostNotFound)
)
async def read_blog_post(work: Reading, response: Response, post_id: IdInPath) -> BlogPostRead:
    """One article by id, and the `ETag` that a change needs."""
    row = await logic.find(work.session, post_id)
    response.headers["ETag"] = etag(row)
    return await reading.read_whole(work.session, row)


@router.patch(
    "/posts/{post_id}",
    summary="Change an article",
    responses=problem_responses(
        problems.BlogPostNotFound,
        problems.BlogPostNotInState,
        ContentCategoryNotFound,
        ContentPersonNotFound,
        ChangedMeanwhile,
    ),
)
async def change_blog_post(
    work: Writing, response: Response, post_id: IdInPath, wanted: BlogPostUpdate, if_match: IfMatch
) -> BlogPostRead:
    """Change what is given; the article is a draft again. A published one is withdrawn first."""
    row = await logic.change(work.session, post_id, if_match, wanted, work.caller)
    response.headers["ETag"] = etag(row)
    return await reading.read_whole(work.session, row)


@router.post(
    "/posts/{post_id}/review",
    status_code=201,
    summary="Find an article good",
    responses=problem_responses(problems.BlogPostNotFound, problems.BlogPostNotInState, OwnAct),
)
async def review_blog_post(work: Deciding, post_id: IdInPath) -> BlogPostRead:
    """By another person than who changed it last."""
    return await reading.read_whole(work.session, await logic.review(work.session, post_id, work.caller))


@router.post(
    "/posts/{post_id}/publication",
    status_code=201,
    summary="Publish an article",
    responses=problem_responses(problems.BlogPostNotFound, problems.BlogPostNotInState),
)
async def publish_blog_post(work: Deciding, post_id: IdInPath, wanted: BlogPublication) -> BlogPostRead:
    """Show a reviewed article to everybody, now or from an instant on."""
    row = await logic.publish(work.session, post_id, wanted.published_at)
    return await reading.read_whole(work.session, row)


@router.post(
    "/posts/{post_id}/withdrawal",
    status_code=201,
    summary="Withdraw an article",
    responses=problem_responses(problems.BlogPostNotFound, problems.BlogPostNotInState),
)
async def withdraw_blog_post(work: Deciding, post_id: IdInPath, wanted: BlogWithdrawal) -> BlogPostRead:
    """Show it no longer."""
    return await reading.read_whole(work.session, await logic.withdraw(work.session, post_id, wanted.reason))


@router.get("/most-viewed", summary="List the most viewed articles")
async def list_most_viewed_posts(
    work: Showing,
    days: Annotated[int, Query(ge=1, le=366, description="So many latest days, in Tehran.")] = 30,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    language: BlogLanguage | None = None,
) -> BlogMostViewed:
    """Published articles that were opened most often on the public pages; some seconds behind."""
    return await reading.most_viewed(work.session, utc_now(), days=days, limit=limit, language=language)


@router.get("/articles", summary="List published articles")
async def list_blog_articles(work: Showing, query: Annotated[ArticleQuery, Query()]) -> Page[BlogPostSummary]:
    """What readers see, the latest first, for the club's own app."""
    return await reading.read_page(work.session, query, [reading.is_shown(utc_now())])


@router.get(
    "/articles/{slug}",
    summary="Read a published article",
    responses=problem_responses(problems.BlogPostNotFound),
)
async def read_blog_article(work: Showing, slug: SlugInPath) -> BlogArticleRead:
    """One article with its author, category and related articles."""
    now = utc_now()
    row = await reading.find_shown(work.session, slug, now)
    return await reading.read_article(work.session, row, now)


@router.get("/site", summary="Read how articles are shown to everybody")
async def read_blog_site(work: Reading, response: Response) -> BlogSiteRead:
    """Domain, titles, whether it is open, and the `ETag` that a change needs."""
    site, response.headers["ETag"] = await sites.read(work.session)
    return site


@router.put(
    "/site",
    summary="Set how articles are shown to everybody",
    responses=problem_responses(ChangedMeanwhile, problems.BlogDomainTaken),
)
async def write_blog_site(
    work: Deciding, response: Response, wanted: BlogSiteWrite, if_match: IfMatch
) -> BlogSiteRead:
    """Open or close the public pages, and give them a domain of the club's own."""
    site, response.headers["ETag"] = await sites.write(work.session, wanted, if_match)
    return site
