"""RSS 2.0, Atom (RFC 4287) and the site map (sitemaps.org 0.9) of a site."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from xml.etree import ElementTree

from host_api.services.blog.pages.frame import Place
from host_api.services.blog.schemas import BlogPostSummary

_ATOM: Final = "http://www.w3.org/2005/Atom"
_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


def rss(place: Place, posts: Sequence[BlogPostSummary]) -> bytes:
    """The latest articles as RSS 2.0."""
    ElementTree.register_namespace("atom", _ATOM)
    root = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(root, "channel")
    _add(channel, "title", place.title)
    _add(channel, "link", _plain(place.address()))
    _add(channel, "description", place.tagline or place.title)
    _add(channel, "language", place.language)
    ElementTree.SubElement(
        channel,
        f"{{{_ATOM}}}link",
        href=_plain(place.address("feed.rss", lang=place.language)),
        rel="self",
        type="application/rss+xml",
    )
    for post in posts:
        item = ElementTree.SubElement(channel, "item")
        address = _plain(place.address(post.slug))
        _add(item, "title", post.title)
        _add(item, "link", address)
        _add(item, "description", post.summary)
        _add(item, "guid", address)
        _add(item, "pubDate", format_datetime(_dated(post)))
        for tag in post.tags:
            _add(item, "category", tag)
    return _bytes(root)


def atom(place: Place, posts: Sequence[BlogPostSummary], now: datetime) -> bytes:
    """The latest articles as Atom."""
    ElementTree.register_namespace("", _ATOM)
    root = ElementTree.Element(
        f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": place.language}
    )
    home = _plain(place.address())
    _add(root, f"{{{_ATOM}}}id", home)
    _add(root, f"{{{_ATOM}}}title", place.title)
    _add(root, f"{{{_ATOM}}}updated", (_dated(posts[0]) if posts else now).isoformat())
    _link(root, home, "alternate")
    _link(root, _plain(place.address("feed.atom", lang=place.language)), "self")
    author = ElementTree.SubElement(root, f"{{{_ATOM}}}author")
    _add(author, f"{{{_ATOM}}}name", place.title)
    for post in posts:
        entry = ElementTree.SubElement(root, f"{{{_ATOM}}}entry")
        address = _plain(place.address(post.slug))
        _add(entry, f"{{{_ATOM}}}id", address)
        _add(entry, f"{{{_ATOM}}}title", post.title)
        _add(entry, f"{{{_ATOM}}}updated", _dated(post).isoformat())
        _add(entry, f"{{{_ATOM}}}published", _dated(post).isoformat())
        _add(entry, f"{{{_ATOM}}}summary", post.summary)
        _link(entry, address, "alternate")
        for tag in post.tags:
            ElementTree.SubElement(entry, f"{{{_ATOM}}}category", term=tag)
    return _bytes(root)


def site_map(place: Place, posts: Sequence[BlogPostSummary]) -> bytes:
    """The front page and the articles."""
    ElementTree.register_namespace("", _SITEMAP)
    root = ElementTree.Element(f"{{{_SITEMAP}}}urlset")
    for address, changed in (
        (place.address(), None),
        *((place.address(each.slug), _dated(each)) for each in posts),
    ):
        url = ElementTree.SubElement(root, f"{{{_SITEMAP}}}url")
        _add(url, f"{{{_SITEMAP}}}loc", _plain(address))
        if changed is not None:
            _add(url, f"{{{_SITEMAP}}}lastmod", changed.isoformat(timespec="seconds"))
    return _bytes(root)


def _dated(post: BlogPostSummary) -> datetime:
    return (post.published_at or datetime.fromtimestamp(0, UTC)).astimezone(UTC)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _link(parent: ElementTree.Element, address: str, relation: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}link", href=address, rel=relation)


def _plain(address: str) -> str:
    """An address as it was before it was made ready for HTML: the XML writer does that itself."""
    return address.replace("&amp;", "&")


def _bytes(root: ElementTree.Element) -> bytes:
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
