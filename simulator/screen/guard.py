"""Who may speak to the page's server: a browser on this machine that was given the key, from our own page.

Another web site can make a browser send requests here. It can't read the key, its Origin is not ours, and a
name of its own that it lets point to this machine is not in our Host.
"""

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEY_PARAMETER = "key"
_KEY_BYTES = 18
_OURS = ("same-origin", "none")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware. `port` is where the application is served, `key` what its address carries."""

    def __init__(self, application: ASGIApp, port: int, key: str) -> None:
        self._application = application
        self._hosts = tuple(f"{name}:{port}" for name in ("127.0.0.1", "localhost"))
        # Cookies know no ports: each server has a name of its own.
        self._cookie = f"vafa_terminal_{port}"
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._is_ours(headers, is_socket=scope["type"] == "websocket"):
            await self._refuse(scope, receive, send, "another site's request")
        elif self._is_right(self._given(headers)):
            await self._application(scope, receive, _with_headers(send))
        elif scope["type"] == "http" and scope["path"] == "/" and self._is_right(_asked(scope)):
            response = RedirectResponse("/", status_code=303)
            response.set_cookie(self._cookie, self._key, httponly=True, samesite="strict")
            await response(scope, receive, _with_headers(send))
        else:
            await self._refuse(scope, receive, send, "open the address that vafa terminal printed")

    def _is_ours(self, headers: Headers, *, is_socket: bool) -> bool:
        host = headers.get("host", "")
        if host not in self._hosts:
            return False
        origin = headers.get("origin")
        if origin is None:
            return not is_socket and headers.get("sec-fetch-site", "none") in _OURS
        return origin == f"http://{host}"

    def _given(self, headers: Headers) -> str:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    def _is_right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._key.encode("ascii"))

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, why: str) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": why})
        else:
            response = PlainTextResponse(f"refused: {why}\n", status_code=403)
            await response(scope, receive, _with_headers(send))


def new_key() -> str:
    """A key that nobody guesses."""
    return secrets.token_urlsafe(_KEY_BYTES)


def _asked(scope: Scope) -> str:
    query = parse_qs(bytes(scope["query_string"]).decode("latin-1"), max_num_fields=8)
    return query.get(KEY_PARAMETER, [""])[0]


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sent
