"""Markdown as HTML that may stand on a page of ours, and how long it takes to read.

Written HTML is text (CommonMark without raw HTML); what comes out is cleaned all the same, by an allow-list
of elements, attributes and schemes.
"""

import re
from functools import cache
from typing import Final

import nh3
from markdown_it import MarkdownIt

# What adults read in Persian and English, rounded down.
WORDS_PER_MINUTE: Final = 200

_ELEMENTS: Final = frozenset(
    {
        "p",
        "br",
        "hr",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "strong",
        "em",
        "s",
        "code",
        "pre",
        "blockquote",
        "a",
        "img",
    }
    | {"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"}
)
_ATTRIBUTES: Final = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_SCHEMES: Final = frozenset({"https", "http", "mailto"})
_TAG: Final = re.compile(r"<[^>]*>")


def as_html(markdown: str) -> str:
    """The text as clean HTML; headings of the first level become ones of the second: the page has its own."""
    rendered = _renderer().render(markdown).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    return nh3.clean(
        rendered,
        tags=set(_ELEMENTS),
        attributes={name: set(names) for name, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer",
    )


def reading_minutes(html: str) -> int:
    """Minutes that a text takes, at least one."""
    words = len(_TAG.sub(" ", html).split())
    return max(1, -(-words // WORDS_PER_MINUTE))


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
