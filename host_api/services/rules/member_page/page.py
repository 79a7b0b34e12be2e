"""The same as a page for people: plain HTML, nothing from outside, right to left in Persian."""

from datetime import datetime
from html import escape
from typing import Final, NamedTuple

from host_api.core.errors import Language
from host_api.core.jalali import date_to_jalali
from host_api.core.tehran_time import TEHRAN
from host_api.services.rules.member_page.schemas import MemberBenefit, MemberPageRead

# Nothing may be loaded, and nothing runs.
CONTENT_SECURITY_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.8 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}"
    "li{margin:.4rem 0}small{opacity:.7;display:block}"
)
_PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


class _Words(NamedTuple):
    direction: str
    title: str
    upcoming: str
    nothing: str
    from_: str
    until: str


_WORDS: Final[dict[Language, _Words]] = {
    "fa": _Words("rtl", "آنچه می‌گیرید", "به‌زودی", "اکنون چیزی نیست", "از", "تا پیش از"),
    "en": _Words("ltr", "What you get", "Soon", "Nothing at present", "from", "before"),
}


def html_page(page: MemberPageRead, language: Language) -> str:
    """The whole document."""
    words = _WORDS[language]
    parts = [
        f'<!doctype html><html lang="{language}" dir="{words.direction}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{words.title}</title><style>{_STYLE}</style></head><body><h1>{words.title}</h1>",
        _list(page.now, language) if page.now else f"<p>{words.nothing}</p>",
    ]
    if page.upcoming:
        parts += [f"<h2>{words.upcoming}</h2>", _list(page.upcoming, language)]
    return "".join([*parts, "</body></html>\n"])


def _list(benefits: list[MemberBenefit], language: Language) -> str:
    return f"<ul>{''.join(_item(benefit, language) for benefit in benefits)}</ul>"


def _item(benefit: MemberBenefit, language: Language) -> str:
    words = _WORDS[language]
    text = benefit.text_fa if language == "fa" else benefit.text_en
    times = [
        f"{word} {_day(at, language)}"
        for word, at in ((words.from_, benefit.begins_at), (words.until, benefit.ends_at))
        if at is not None
    ]
    told = f"<small>{' '.join(times)}</small>" if times else ""
    # The club's own text may be in the other direction.
    return f'<li dir="auto">{escape(text)}{told}</li>'


def _day(at: datetime, language: Language) -> str:
    """The day in Tehran, and the time where it isn't the day's beginning."""
    local = at.astimezone(TEHRAN)
    clock = f" {local:%H:%M}" if (local.hour, local.minute) != (0, 0) else ""
    if language == "en":
        return f"{local:%Y-%m-%d}{clock}"
    year, month, day = date_to_jalali(local.date())
    return f"{year}/{month}/{day}{clock}".translate(_PERSIAN_DIGITS)
