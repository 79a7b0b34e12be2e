"""The login page, in Persian or English: no script, and nothing from elsewhere."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from switch.console.access.users import Language

# The browser itself enforces that the page loads nothing from elsewhere, and sends nothing there.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
ADD_COMMAND: Final = "vafa switch user add NAME --role supervisor"


class Told(Enum):
    """What the page tells of a try; the values are keys of its texts."""

    NOTHING = ""
    WRONG = "wrong"
    WAIT = "wait"
    AGAIN = "again"


_TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "title": "The switch's console",
        "other": "فارسی",
        "name": "User name",
        "password": "Password",
        "code": "Code of the app",
        "code_hint": "six digits; leave it empty if you have none",
        "enter": "Log in",
        "wrong": "Name, password or code is wrong, or the code was used before.",
        "wait": "Too many tries. Try again in {seconds} s.",
        "again": "The page was too old. Please try again.",
        "nobody": "There is no user yet. Make the first one on the switch's machine:",
    },
    "fa": {
        "title": "میز کار سوئیچ",
        "other": "English",
        "name": "نام کاربری",
        "password": "گذرواژه",
        "code": "کد برنامهٔ رمزساز",
        "code_hint": "شش رقم؛ اگر ندارید خالی بگذارید",
        "enter": "ورود",
        "wrong": "نام، گذرواژه یا کد نادرست است، یا کد پیش‌تر به کار رفته است.",
        "wait": "تلاش‌ها بیش از اندازه بود. {seconds} ثانیهٔ دیگر دوباره بکوشید.",
        "again": "صفحه کهنه شده بود. دوباره بکوشید.",
        "nobody": "هنوز کاربری نیست. نخستین کاربر را روی دستگاه سوئیچ بسازید:",
    },
}


@cache
def style() -> str:
    """The page's style sheet."""
    return files(__package__).joinpath("login.css").read_text("utf-8")


def login_page(
    language: Language, ticket: str, told: Told, *, wait_s: int = 0, name: str = "", has_users: bool = True
) -> str:
    """The page's HTML.

    Parameters:
        ticket: comes back with the form.
        name: that was typed before.
        has_users: without any the page says how to make the first.
    """
    texts = {key: escape(text) for key, text in _TEXTS[language].items()}
    other: Language = "en" if language == "fa" else "fa"
    text = texts[told.value].format(seconds=wait_s) if told.value else ""
    body = _form(texts, language, ticket, name) if has_users else _nobody(texts)
    return f"""<!DOCTYPE html>
<html lang="{language}" dir="{"rtl" if language == "fa" else "ltr"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{texts["title"]} · Vafa</title>
<link rel="stylesheet" href="/console/login.css">
</head>
<body>
<header>
<h1>{texts["title"]}</h1>
<nav><a href="/console/login?lang={other}" lang="{other}" hreflang="{other}">{texts["other"]}</a></nav>
</header>
<main>
<p id="told" role="alert">{text}</p>
{body}
</main>
</body>
</html>
"""


def _form(texts: Mapping[str, str], language: Language, ticket: str, name: str) -> str:
    typed = 'dir="ltr" autocapitalize="none" spellcheck="false" required'
    code = 'dir="ltr" inputmode="numeric" maxlength="16" aria-describedby="code-hint"'
    return f"""<form method="post" action="/console/login">
<input type="hidden" name="ticket" value="{escape(ticket)}">
<input type="hidden" name="lang" value="{language}">
<label for="name">{texts["name"]}</label>
<input id="name" name="name" value="{escape(name)}" autocomplete="username" maxlength="32" {typed} autofocus>
<label for="password">{texts["password"]}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="128" {typed}>
<label for="code">{texts["code"]}</label>
<input id="code" name="code" autocomplete="one-time-code" {code}>
<small id="code-hint">{texts["code_hint"]}</small>
<button>{texts["enter"]}</button>
</form>"""


def _nobody(texts: Mapping[str, str]) -> str:
    return f'<p>{texts["nobody"]}</p>\n<pre dir="ltr">{ADD_COMMAND}</pre>'
