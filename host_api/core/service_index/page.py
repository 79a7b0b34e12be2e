"""The page of all services, in Persian or English, from this process alone."""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final, Literal

from fastapi import Path

from host_api.core.errors import Language
from host_api.core.service import Service
from host_api.core.service_index.reading import tags_of

Part = Literal["page.css", "page.js"]
InPath: Final = Path()
MEDIA_TYPES: Final[Mapping[Part, str]] = {"page.css": "text/css", "page.js": "text/javascript"}

# The browser itself enforces that the page loads nothing from elsewhere, and sends nothing there.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
}

_TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "Services of the club",
        "other": "فارسی",
        "api": "API page",
        "key": "API key",
        "show": "Show how they stand",
        "hint": "The key stays in this tab and is sent to this host only.",
        "operations": "operations",
        "modules": "Modules",
        "jobs": "Jobs",
        "workers": "Background work",
        "day": "Events within a day",
        "outbox": "Records on their way to the switch",
        "ledger": "Movements on their way to the switch",
        "feed": "The switch's journal",
        "events": "Events and webhooks",
        "unknown": "not asked yet",
        "working": "working",
        "attention": "needs attention",
        "off": "switched off",
        "on": "on",
        "never": "never run",
        "succeeded": "succeeded",
        "failed": "failed",
        "cancelled": "cancelled",
        "well": "in order",
        "refused": "The key was not accepted.",
        "unreachable": "The host does not answer.",
        "script": "This page needs its script to show how the services stand.",
    },
    "fa": {
        "title": "بخش‌های باشگاه",
        "other": "English",
        "api": "صفحهٔ API",
        "key": "کلید API",
        "show": "نمایش وضعیت",
        "hint": "کلید در همین برگه می‌ماند و تنها به همین میزبان فرستاده می‌شود.",
        "operations": "عملیات",
        "modules": "ماژول‌ها",
        "jobs": "کارها",
        "workers": "کارهای پس‌زمینه",
        "day": "رویدادهای یک روز گذشته",
        "outbox": "رکوردهای در راه سوئیچ",
        "ledger": "جابه‌جایی‌های در راه سوئیچ",
        "feed": "دفتر سوئیچ",
        "events": "رویدادها و وب‌هوک‌ها",
        "unknown": "هنوز پرسیده نشده",
        "working": "برقرار",
        "attention": "نیازمند رسیدگی",
        "off": "خاموش",
        "on": "روشن",
        "never": "هنوز اجرا نشده",
        "succeeded": "انجام شد",
        "failed": "ناموفق",
        "cancelled": "لغو شد",
        "well": "بی‌اشکال",
        "refused": "کلید پذیرفته نشد.",
        "unreachable": "میزبان پاسخ نمی‌دهد.",
        "script": "این صفحه برای نمایش وضعیت به اسکریپت خود نیاز دارد.",
    },
}
# What the script writes.
_OF_SCRIPT: Final = (
    "modules",
    "jobs",
    "workers",
    "day",
    "outbox",
    "ledger",
    "feed",
    "events",
    "working",
    "attention",
    "off",
    "on",
    "never",
    "succeeded",
    "failed",
    "cancelled",
    "well",
    "refused",
    "unreachable",
)


@cache
def part(name: Part) -> str:
    """Style or script."""
    return files(__package__).joinpath("page_files", name).read_text("utf-8")


def services_page(services: Sequence[Service], language: Language) -> str:
    """The page's HTML."""
    texts = {name: escape(text) for name, text in _TEXTS[language].items()}
    other: Language = "en" if language == "fa" else "fa"
    data = " ".join(f'data-{name}="{texts[name]}"' for name in _OF_SCRIPT)
    cards = "".join(_card(service, language, texts) for service in services)
    return f"""<!DOCTYPE html>
<html lang="{language}" dir="{"rtl" if language == "fa" else "ltr"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{texts["title"]} · Vafa</title>
<link rel="icon" type="image/png" href="docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="services/page.css">
</head>
<body>
<header>
<h1>{texts["title"]}</h1>
<nav>
<a href="docs">{texts["api"]}</a>
<a href="services?lang={other}" lang="{other}">{texts["other"]}</a>
</nav>
<form id="ask">
<label for="key">{texts["key"]}</label>
<input id="key" type="password" autocomplete="off" spellcheck="false" dir="ltr" required maxlength="200">
<button>{texts["show"]}</button>
<small>{texts["hint"]}</small>
</form>
<p id="told" role="status"></p>
<noscript><p>{texts["script"]}</p></noscript>
</header>
<main id="services" {data}>
{cards}</main>
<script src="services/page.js"></script>
</body>
</html>
"""


def _card(service: Service, language: Language, texts: Mapping[str, str]) -> str:
    title, second = service.title, service.title_fa
    second_language = "fa"
    if language == "fa":
        title, second, second_language = second, title, "en"
    tags = tags_of(service)
    links = "".join(
        f'<li><a href="docs#/{escape(tag.name)}"><bdi>{escape(tag.name)}</bdi></a> '
        + (f"<span>{_number(tag.operations, language)}</span></li>" if len(tags) > 1 else "</li>")
        for tag in tags
    )
    total = _number(sum(tag.operations for tag in tags), language)
    return f"""<article data-service="{escape(service.name)}" data-state="unknown">
<h2>{escape(title)}</h2>
<p class="second" lang="{second_language}"><bdi>{escape(second)}</bdi></p>
<p class="state">{texts["unknown"]}</p>
<p class="count">{total} {texts["operations"]}</p>
<ul class="tags">{links}</ul>
<div class="found"></div>
</article>
"""


def _number(value: int, language: Language) -> str:
    digits = str(value)
    return digits.translate({ord("0") + n: 0x06F0 + n for n in range(10)}) if language == "fa" else digits
