"""Who may come in at the console: people by a session, machines by the token of the operations port.

    GET  /console/login?lang=      the page
    POST /console/login            its form
    GET  /console/login.css        its style
    GET  /console/session          {"name", "role", "csrf", "language"} of whoever asks
    POST /console/logout           ends the session

The cookie is for scripts of no page and for no other site. What changes something comes with the session's
token in the header `X-CSRF-Token` as well. What the page asks by itself, every few seconds, has the header
`X-Unattended` and keeps no session alive.
"""

import asyncio
import hmac
import logging
import os
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from switch.console.access.known_users import KnownUsers
from switch.console.access.login import Attempt, Logins, NotIn
from switch.console.access.login_page import HEADERS, Told, login_page, style
from switch.console.access.passwords import PasswordChecks
from switch.console.access.roles import Role
from switch.console.access.sessions import LONGEST_S, Session, Sessions
from switch.console.access.users import Language
from switch.logs import ACTIONS_LOGGER, fields
from switch.operations.access import Access

_ACTIONS = logging.getLogger(ACTIONS_LOGGER)

COOKIE: Final = "vafa_console"
CSRF_HEADER: Final = "x-csrf-token"
UNATTENDED_HEADER: Final = "x-unattended"
LOGIN_PATH: Final = "/console/login"
HOME_PATH: Final = "/console"

_TICKET_COOKIE: Final = "vafa_console_login"
_TICKET: Final = re.compile(r"[A-Za-z0-9_-]{20,64}")
_TICKET_S: Final = 3600
_FORM_BYTES_MAX: Final = 4096
_FORM_FIELDS_MAX: Final = 8
_FORM_TIMEOUT_S: Final = 5.0
_READS_ONLY: Final = ("GET", "HEAD")


class Door:
    """In the event loop's thread.

    Parameters:
        access: of the operations port; who brings its token may do everything, but is nobody.
        users_path: the users' file.
        key: opens the secrets of codes.
        monotonic_s: the clock of sessions.
    """

    def __init__(
        self,
        access: Access,
        users_path: Path,
        key: bytes,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._monotonic_s = monotonic_s
        self._known = KnownUsers(users_path, key)
        self._sessions = Sessions(os.urandom)
        self._checks = PasswordChecks()
        self._logins = Logins(self._known, self._sessions, self._checks, os.urandom, monotonic_s=monotonic_s)

    def close(self) -> None:
        """End the threads."""
        self._known.close()
        self._checks.close()

    def routes(self) -> list[Route]:
        """Of logging in and out."""
        return [
            Route(LOGIN_PATH, self._page),
            Route(LOGIN_PATH, self._log_in, methods=["POST"]),
            Route("/console/login.css", self._style),
            Route("/console/session", self._tell_session),
            Route("/console/logout", self._log_out, methods=["POST"]),
        ]

    def may(self, request: Request, role: Role, /) -> bool:
        """Whether whoever asks is let in with this role, and so that no other site can have made them ask."""
        return self._access.holds_token(request) or self.refusal(request, role) is None

    def may_stay(self, request: Request, role: Role, /) -> bool:
        """Whether whoever was let in with this role may go on reading; counts not as being at work."""
        if self._access.holds_token(request):
            return True
        session = self.session(request)
        return session is not None and session.user.rank >= role

    def person(self, request: Request, /) -> str:
        """The name of whoever has logged in; "" for a machine."""
        session = self.session(request)
        return "" if session is None else session.user.name

    def session(self, request: Request) -> Session | None:
        """The session of whoever asks, as long as the user stays as at the login."""
        token = request.cookies.get(COOKIE, "")
        session = self._sessions.find(token, self._monotonic_s()) if token else None
        if session is not None and self._known.users.get(session.user.name) != session.user:
            self._sessions.end(token)
            return None
        return session

    def refusal(self, request: Request, role: Role) -> Response | None:
        """What a person is answered who may not do this, None for one who may; counts as being at work unless
        it says that it does not."""
        session = self.session(request)
        if session is None:
            return _error(401, "log in first", login=LOGIN_PATH)
        if request.method not in _READS_ONLY and not session.is_csrf(request.headers.get(CSRF_HEADER, "")):
            return _error(403, "the header X-CSRF-Token is missing or wrong")
        if session.user.rank < role:
            return _error(403, f"this needs the role {role.label}")
        if UNATTENDED_HEADER not in request.headers:
            session.seen_s = self._monotonic_s()
        return None

    async def _tell_session(self, request: Request) -> Response:
        session = self.session(request)
        if session is None:
            return _error(401, "log in first", login=LOGIN_PATH)
        user = session.user
        told = {"name": user.name, "role": user.role, "csrf": session.csrf, "language": session.language}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    async def _page(self, request: Request) -> Response:
        if self.session(request) is not None:
            return RedirectResponse(HOME_PATH, 303)
        await self._known.fresh()
        return self._shown(request, _language(request), Told.NOTHING)

    async def _style(self, _: Request) -> Response:
        return Response(style(), media_type="text/css", headers=HEADERS | {"Cache-Control": "max-age=3600"})

    async def _log_in(self, request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return _error(413, f"a form has at most {_FORM_BYTES_MAX} bytes")
        language: Language = "en" if form.get("lang") == "en" else "fa"
        name = form.get("name", "")[:32]
        ticket = request.cookies.get(_TICKET_COOKIE, "")
        if not (_TICKET.fullmatch(ticket) and _same(form.get("ticket", ""), ticket)):
            return self._shown(request, language, Told.AGAIN, name=name, status=403)
        address = "" if request.client is None else request.client.host
        attempt = Attempt(name, form.get("password", ""), form.get("code", ""), language, address)
        try:
            token = await self._logins.log_in(attempt)
        except NotIn as not_in:
            told, status = (Told.WAIT, 429) if not_in.wait_s else (Told.WRONG, 401)
            return self._shown(request, language, told, name=name, status=status, wait_s=not_in.wait_s)
        response = RedirectResponse(HOME_PATH, 303, headers=HEADERS)
        _put_cookie(response, request, COOKIE, token, int(LONGEST_S), "/console")
        response.delete_cookie(_TICKET_COOKIE, LOGIN_PATH)
        return response

    async def _log_out(self, request: Request) -> Response:
        refusal = self.refusal(request, Role.VIEWER)
        if refusal is not None:
            return refusal
        person = self.person(request)
        self._sessions.end(request.cookies[COOKIE])
        client = "" if request.client is None else request.client.host
        _ACTIONS.info("console logout", extra=fields(person=person, client=client))
        response = JSONResponse({"login": LOGIN_PATH})
        response.delete_cookie(COOKIE, "/console")
        return response

    def _shown(
        self,
        request: Request,
        language: Language,
        told: Told,
        *,
        name: str = "",
        status: int = 200,
        wait_s: int = 0,
    ) -> Response:
        ticket = request.cookies.get(_TICKET_COOKIE, "")
        if not _TICKET.fullmatch(ticket):
            ticket = secrets.token_urlsafe(24)
        has_users = bool(self._known.users)
        page = login_page(language, ticket, told, wait_s=wait_s, name=name, has_users=has_users)
        headers = HEADERS | ({"Retry-After": str(wait_s)} if wait_s else {})
        response = HTMLResponse(page, status, headers=headers)
        _put_cookie(response, request, _TICKET_COOKIE, ticket, _TICKET_S, LOGIN_PATH)
        return response


def _put_cookie(  # noqa: PLR0917
    response: Response, request: Request, name: str, value: str, age_s: int, path: str
) -> None:
    # Behind a proxy with TLS the scheme is that of X-Forwarded-Proto, which is taken from this machine only.
    is_secure = request.url.scheme == "https"
    response.set_cookie(
        name, value, max_age=age_s, path=path, httponly=True, samesite="strict", secure=is_secure
    )


def _language(request: Request) -> Language:
    """That of the address, else the first that the browser prefers of the two."""
    asked = request.query_params.get("lang")
    if asked in ("fa", "en"):
        return "en" if asked == "en" else "fa"
    for part in request.headers.get("accept-language", "")[:200].lower().split(","):
        if part.strip()[:2] in ("fa", "en"):
            return "en" if part.strip()[:2] == "en" else "fa"
    return "fa"


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a form; None where it is too long or too slow, none at all where it is no form."""
    body = b""
    try:
        async with asyncio.timeout(_FORM_TIMEOUT_S):
            async for part in request.stream():
                body += part
                if len(body) > _FORM_BYTES_MAX:
                    return None
    except TimeoutError:
        return None
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FORM_FIELDS_MAX))
    except ValueError:
        return {}


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())


def _error(status: int, text: str, **more: str) -> Response:
    return JSONResponse({"error": text, **more}, status_code=status)
