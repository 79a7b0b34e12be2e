"""The public pages, by the club's own domain (`/blog`) or by its code (`/clubs/CODE/blog`)."""

import re
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from host_api.core.client_address import client_address
from host_api.core.clock import utc_now
from host_api.core.errors import Language, RouteNotFound
from host_api.core.listing import LARGEST_PAGE
from host_api.core.path_ids import LARGEST_ID
from host_api.core.programmes import PROGRAMME_CODE_PATTERN
from host_api.core.runtime import runtime_of
from host_api.services.blog import reading
from host_api.services.blog.listing import ArticleQuery
from host_api.services.blog.pages import feeds
from host_api.services.blog.pages.frame import HEADERS, Place, style
from host_api.services.blog.pages.html import article_page, front_page, missing_page
from host_api.services.blog.problems import BlogPostNotFound
from host_api.services.blog.schemas import BlogLanguage, BlogPostSummary
from host_api.services.blog.sites import open_site
from host_api.services.content.text_types import LONGEST_SLUG
from host_api.services.earning_events.reviews.logic import approved_about
from host_api.services.earning_events.reviews.schemas import SubjectKind

pages_router = APIRouter(include_in_schema=False)

_ON_PAGE: Final = 10
_IN_FEED: Final = 20
_MOST_IN_MAP: Final = 5_000
_REVIEWS: Final = 20
_VIEWED: Final = 5
_HOST: Final = re.compile(r"[a-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9a-f:]{2,45}\](:[0-9]{1,5})?", re.ASCII)

Lang = Annotated[Language, Query()]
Code = Annotated[str, Path(pattern=PROGRAMME_CODE_PATTERN, max_length=32)]
SlugText = Annotated[str, Path(max_length=LONGEST_SLUG)]
Cursor = Annotated[str | None, Query(max_length=256)]
Text = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
TagText = Annotated[str | None, Query(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")]
CategoryId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


async def _place(request: Request, code: str | None, language: Language) -> Place:
    """Raises: RouteNotFound where nothing is shown here, RateLimited."""
    host = request.headers.get("host", "").lower()
    if not _HOST.fullmatch(host):
        raise RouteNotFound
    runtime = runtime_of(request)
    runtime.rate_limits.count_address(request, client_address(request, runtime.settings.proxies_in_front))
    site = await open_site(runtime.database, host=host.partition(":")[0], code=code)
    if site is None:
        raise RouteNotFound
    if site.domain is not None:
        # One address for each article, wherever it is read.
        origin, prefix = f"https://{site.domain}", "/blog"
    else:
        origin, prefix = f"{request.url.scheme}://{host}", f"/clubs/{site.code}/blog"
    return Place(site, language, origin, prefix if code is None else f"/clubs/{site.code}/blog", prefix)


@pages_router.get("/blog")
@pages_router.get("/clubs/{code}/blog")
async def blog_front(  # noqa: PLR0917  (parameters of FastAPI)
    request: Request,
    code: Code | None = None,
    lang: Lang = "fa",
    cursor: Cursor = None,
    q: Text = None,
    tag: TagText = None,
    category: CategoryId = None,
) -> HTMLResponse:
    """The latest articles, or those that were asked for."""
    place, runtime, now = await _place(request, code, lang), runtime_of(request), utc_now()
    wanted: dict[str, object] = {"language": lang, "limit": _ON_PAGE}
    given = {"q": q, "tag": tag, "category_id": category, "cursor": cursor}
    query = ArticleQuery.model_validate(wanted | {name: each for name, each in given.items() if each})
    async with runtime.database.reading(place.site.programme_id) as session:
        posts = await reading.read_page(session, query, [reading.is_shown(now)])
        viewed = await reading.most_viewed(session, now, days=30, limit=_VIEWED, language=BlogLanguage(lang))
    asked = {"q": q, "tag": tag, "category": None if category is None else str(category)}
    return HTMLResponse(front_page(place, posts, viewed, asked), headers=HEADERS)


@pages_router.get("/blog/style.css")
@pages_router.get("/clubs/{code}/blog/style.css")
async def blog_style(code: Code | None = None) -> Response:
    """The pages' style."""
    return Response(
        style(), media_type="text/css", headers=HEADERS | {"Cache-Control": "public, max-age=3600"}
    )


@pages_router.get("/blog/feed.rss")
@pages_router.get("/clubs/{code}/blog/feed.rss")
async def blog_rss(request: Request, code: Code | None = None, lang: Lang = "fa") -> Response:
    """The latest articles as RSS."""
    place = await _place(request, code, lang)
    content = feeds.rss(place, await _latest(request, place, _IN_FEED))
    return Response(content, media_type="application/rss+xml", headers=HEADERS)


@pages_router.get("/blog/feed.atom")
@pages_router.get("/clubs/{code}/blog/feed.atom")
async def blog_atom(request: Request, code: Code | None = None, lang: Lang = "fa") -> Response:
    """The latest articles as Atom."""
    place = await _place(request, code, lang)
    content = feeds.atom(place, await _latest(request, place, _IN_FEED), utc_now())
    return Response(content, media_type="application/atom+xml", headers=HEADERS)


@pages_router.get("/blog/sitemap.xml")
@pages_router.get("/clubs/{code}/blog/sitemap.xml")
async def blog_site_map(request: Request, code: Code | None = None) -> Response:
    """Where the latest articles of both languages are."""
    place = await _place(request, code, "fa")
    posts = await _latest(request, place, _MOST_IN_MAP, in_all_languages=True)
    return Response(feeds.site_map(place, posts), media_type="application/xml", headers=HEADERS)


@pages_router.get("/blog/{slug}")
@pages_router.get("/clubs/{code}/blog/{slug}")
async def blog_article(request: Request, slug: SlugText, code: Code | None = None) -> HTMLResponse:
    """One article; the view is counted."""
    runtime, now = runtime_of(request), utc_now()
    place = await _place(request, code, "fa")
    programme_id = place.site.programme_id
    try:
        async with runtime.database.reading(programme_id) as session:
            row = await reading.find_shown(session, slug.replace("\0", ""), now)
            article = await reading.read_article(session, row, now)
            reviews = await approved_about(session, SubjectKind.POST, str(row.id), _REVIEWS)
            translations = await reading.translations(session, row, now)
    except BlogPostNotFound:
        return HTMLResponse(missing_page(place), 404, headers=HEADERS)
    runtime.page_views.note(programme_id, article.id)
    place = replace(place, language=article.language.value)
    return HTMLResponse(article_page(place, article, reviews, translations), headers=HEADERS)


async def _latest(
    request: Request, place: Place, most: int, *, in_all_languages: bool = False
) -> list[BlogPostSummary]:
    query = ArticleQuery(
        limit=min(most, LARGEST_PAGE), language=None if in_all_languages else BlogLanguage(place.language)
    )
    found: list[BlogPostSummary] = []
    async with runtime_of(request).database.reading(place.site.programme_id) as session:
        while len(found) < most:
            page = await reading.read_page(session, query, [reading.is_shown(utc_now())])
            found += page.items
            if page.next_cursor is None:
                break
            query = query.model_copy(update={"cursor": page.next_cursor})
    return found
