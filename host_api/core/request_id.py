"""One id for each request: in its answer, in every line it logs, and in the audit entries it leaves."""

import re
import uuid
from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER = "X-Request-Id"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)

_present: ContextVar[str | None] = ContextVar("request_id", default=None)


def present_request_id() -> str | None:
    """The id of the request that is being served here, None outside of one."""
    return _present.get()


def accepted_request_id(text: str | None) -> str:
    """The caller's own id where that is a UUID (RFC 9562, section 4), else a fresh one."""
    if text is not None and _UUID.fullmatch(text):
        return text.lower()
    return str(uuid.uuid4())


class RequestIds:
    """Middleware that gives each request its id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = accepted_request_id(Headers(scope=scope).get(REQUEST_ID_HEADER))
        scope.setdefault("state", {})["request_id"] = request_id
        # Not taken back: the server logs a failed request after this has returned, in the same task.
        _present.set(request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        await self._app(scope, receive, send_with_id)
