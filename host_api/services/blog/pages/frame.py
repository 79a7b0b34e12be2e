"""What all public pages have around their content, and the headers under which they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final
from urllib.parse import quote, urlencode

from host_api.core.errors import Language
from host_api.services.blog.pages.texts import TEXTS
from host_api.services.blog.sites import OpenSite

# The browser itself enforces that a page runs nothing and loads nothing but pictures from elsewhere.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=60",
    "Vary": "Host",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A site, and where on which host the reader has found it.

    Parameters:
        origin: scheme and host as links to everybody have them.
        prefix: path of the front page as the reader has found it.
        public_prefix: the same as links to everybody have it.
    """

    site: OpenSite
    language: Language
    origin: str
    prefix: str
    public_prefix: str

    @property
    def texts(self) -> dict[str, str]:
        """What the pages say, ready for HTML."""
        return {name: escape(text) for name, text in TEXTS[self.language].items()}

    @property
    def title(self) -> str:
        """The site's title."""
        return self.site.titles[self.language == "fa"]

    @property
    def tagline(self) -> str:
        """What the site says of itself."""
        return self.site.taglines[self.language == "fa"] or ""

    def path(self, page: str = "", **query: str | None) -> str:
        """Path of a page here, ready for HTML. Persian is the language that an address needs not name."""
        return self._link(self.prefix, page, query)

    def address(self, page: str = "", **query: str | None) -> str:
        """Address of a page for everybody, ready for HTML."""
        return self.origin + self._link(self.public_prefix, page, query)

    def _link(self, prefix: str, page: str, query: Mapping[str, str | None]) -> str:
        asked = {name: value for name, value in query.items() if value is not None}
        if self.language == "en" and not page:
            asked["lang"] = "en"
        path = prefix + (f"/{quote(page)}" if page else "")
        return escape(path + (f"?{urlencode(asked)}" if asked else ""))


@cache
def style() -> str:
    """The pages' style."""
    return files(__package__).joinpath("page_files", "blog.css").read_text("utf-8")


def page(place: Place, title: str, content: str, *, head: str = "") -> str:
    """A whole page."""
    texts = place.texts
    other: Language = "en" if place.language == "fa" else "fa"
    direction = "rtl" if place.language == "fa" else "ltr"
    whole = escape(place.title if title == place.title else f"{title} · {place.title}")
    tagline = f"<p>{escape(place.tagline)}</p>" if place.tagline else ""
    name, search, front = escape(place.title), texts["search"], escape(place.prefix)
    feed, rss = (place.path(f"feed.{kind}", lang=place.language) for kind in ("atom", "rss"))
    return f"""<!DOCTYPE html>
<html lang="{place.language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{whole}</title>
<link rel="icon" type="image/png" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="{front}/style.css">
<link rel="alternate" type="application/atom+xml" title="{name}" href="{feed}">
<link rel="alternate" type="application/rss+xml" title="{name}" href="{rss}">
{head}</head>
<body>
<header>
<a class="name" href="{place.path()}">{name}</a>
{tagline}
<nav>
<form action="{front}" role="search">
<input type="hidden" name="lang" value="{place.language}">
<input name="q" type="search" maxlength="200" required aria-label="{search}" placeholder="{search}">
</form>
<a href="{front}?lang={other}" lang="{other}">{texts["other"]}</a>
</nav>
</header>
{content}
<footer><a href="{place.path()}">{texts["home"]}</a> <a href="{feed}">{texts["feed"]}</a></footer>
</body>
</html>
"""
