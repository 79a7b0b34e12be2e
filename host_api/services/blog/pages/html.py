"""The front page and the page of an article."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from host_api.core.errors import Language
from host_api.core.jalali import Calendar, format_date
from host_api.core.listing import Page
from host_api.core.persian_text import persian_digits
from host_api.core.tehran_time import tehran_date
from host_api.services.blog.pages.frame import Place, page
from host_api.services.blog.schemas import BlogArticleRead, BlogMostViewed, BlogPostSummary

Review = tuple[str, int | None, datetime]


def front_page(
    place: Place, posts: Page[BlogPostSummary], viewed: BlogMostViewed, asked: Mapping[str, str | None]
) -> str:
    """The latest articles, or those that were searched for, and the most viewed ones.

    Parameters:
        asked: `q`, `tag` and `category` as the reader asked.
    """
    texts = place.texts
    query = asked["q"] or asked["tag"]
    heading = f"{texts['found']} «{escape(query)}»" if query else texts["latest"]
    cards = "".join(_card(place, post) for post in posts.items) or f"<p>{texts['nothing']}</p>"
    older = ""
    if posts.next_cursor is not None:
        path = place.path(
            cursor=posts.next_cursor, q=asked["q"], tag=asked["tag"], category=asked["category"]
        )
        older = f'<p class="older"><a rel="next" href="{path}">{texts["older"]}</a></p>'
    beside = ""
    if viewed.items:
        links = "".join(f"<li>{_link(place, each.post)}</li>" for each in viewed.items)
        beside = f"<aside><h2>{texts['most_viewed']}</h2><ol>{links}</ol></aside>"
    # Of searches and later pages no engine needs a record.
    is_front = not any(asked.values())
    head = (
        f'<meta name="description" content="{escape(place.tagline or place.title)}">\n'
        f'<link rel="canonical" href="{place.address()}">\n'
        if is_front
        else '<meta name="robots" content="noindex, follow">\n'
    )
    content = f"<main><h1>{heading}</h1>{cards}{older}</main>{beside}"
    return page(place, place.title, f'<div class="columns">{content}</div>', head=head)


def article_page(
    place: Place, article: BlogArticleRead, reviews: Sequence[Review], translations: Mapping[str, str]
) -> str:
    """An article with its references, related articles and what readers say."""
    texts, title = place.texts, escape(article.title)
    is_persian = place.language == "fa"
    author = escape(article.author_fa if is_persian else article.author)
    category = escape(article.category_fa if is_persian else article.category)
    tags = " ".join(f'<a rel="tag" href="{place.path(tag=tag)}">{escape(tag)}</a>' for tag in article.tags)
    said = "".join(_review(place, each) for each in reviews) or f"<p>{texts['no_reviews']}</p>"
    content = f"""<main class="article"><article>
<p class="category"><a href="{place.path(category=str(article.category_id))}">{category}</a></p>
<h1>{title}</h1>
<p class="told">{author} · {_date(place, article)} · {_minutes(place, article)}</p>
<p class="summary">{escape(article.summary)}</p>
<div class="text">{article.html}</div>
{f'<p class="tags">{tags}</p>' if tags else ""}
{_references(place, article)}</article>
{_related(place, article)}
<section><h2>{texts["reviews"]}</h2>{said}</section>
</main>"""
    alternates = "".join(
        f'<link rel="alternate" hreflang="{language}" href="{place.address(slug)}">\n'
        for language, slug in sorted(translations.items())
        if len(translations) > 1
    )
    published = article.published_at.isoformat() if article.published_at else ""
    summary = escape(article.summary)
    head = f"""<meta name="description" content="{summary}">
<link rel="canonical" href="{place.address(article.slug)}">
{alternates}<meta property="og:type" content="article">
<meta property="og:title" content="{title}">
<meta property="og:description" content="{summary}">
<meta property="og:url" content="{place.address(article.slug)}">
<meta property="article:published_time" content="{published}">
"""
    return page(place, article.title, content, head=head)


def missing_page(place: Place) -> str:
    """There is no such page."""
    return page(place, place.title, f"<main><h1>{place.texts['missing']}</h1></main>")


def _card(place: Place, post: BlogPostSummary) -> str:
    return f"""<article class="card"><h2>{_link(place, post)}</h2>
<p>{escape(post.summary)}</p><p class="told">{_date(place, post)} · {_minutes(place, post)}</p></article>
"""


def _link(place: Place, post: BlogPostSummary) -> str:
    return f'<a href="{place.path(post.slug)}">{escape(post.title)}</a>'


def _minutes(place: Place, post: BlogPostSummary) -> str:
    return f"{_number(post.reading_minutes, place.language)} {place.texts['minutes']}"


def _date(place: Place, post: BlogPostSummary) -> str:
    if post.published_at is None:
        return ""
    day = tehran_date(post.published_at)
    shown = format_date(
        day, Calendar.JALALI if place.language == "fa" else Calendar.GREGORIAN, place.language
    )
    return f'<time datetime="{post.published_at.isoformat()}">{shown}</time>'


def _references(place: Place, article: BlogArticleRead) -> str:
    if not article.references:
        return ""
    links = "".join(
        f'<li><a rel="noopener noreferrer" href="{escape(each.address)}">{escape(each.title)}</a></li>'
        for each in article.references
    )
    return f"<h2>{place.texts['references']}</h2><ol>{links}</ol>\n"


def _related(place: Place, article: BlogArticleRead) -> str:
    if not article.related:
        return ""
    links = "".join(f"<li>{_link(place, each)}</li>" for each in article.related)
    return f"<section><h2>{place.texts['related']}</h2><ul>{links}</ul></section>"


def _review(place: Place, review: Review) -> str:
    text, stars, _ = review
    shown = f'<p class="told">{_number(stars, place.language)} {place.texts["stars"]}</p>' if stars else ""
    return f"<blockquote><p>{escape(text)}</p>{shown}</blockquote>"


def _number(value: int, language: Language) -> str:
    return persian_digits(str(value)) if language == "fa" else str(value)
