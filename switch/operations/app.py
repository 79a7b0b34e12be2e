"""HTTP of the operations port: /health/live, /health/ready, /status and /feed."""

import asyncio
import hmac
import logging
from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from switch.journal.entries import EntryFault
from switch.journal.faults import JournalFault
from switch.operations.feed import FEED_LIMIT_MAX, FEED_WAIT_MS_MAX, JournalFeed

_LOG = logging.getLogger("switch.operations")

Status = Mapping[str, int | str | bool]


class FeedEndpoint:
    """Serves the feed to whoever holds its token, to a bounded number of readers at a time."""

    def __init__(self, feed: JournalFeed, token: str, readers_max: int) -> None:
        self._feed = feed
        self._authorisation = f"Bearer {token}".encode()
        self._readers = asyncio.Semaphore(readers_max)

    async def get(self, request: Request) -> Response:
        """GET /feed?after=&limit=&wait_ms="""
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, self._authorisation):
            return JSONResponse(
                {"error": "unauthorised"}, status_code=401, headers={"WWW-Authenticate": "Bearer"}
            )
        try:
            after = _number(request, "after", 0, (1 << 63) - 1)
            limit = _number(request, "limit", FEED_LIMIT_MAX, FEED_LIMIT_MAX)
            wait_ms = _number(request, "wait_ms", 0, FEED_WAIT_MS_MAX)
        except ValueError as fault:
            return JSONResponse({"error": str(fault)}, status_code=422)
        if self._readers.locked():
            return JSONResponse({"error": "too many readers"}, status_code=503, headers={"Retry-After": "1"})
        async with self._readers:
            await self._feed.wait_beyond(after, wait_ms)
            try:
                lines = await self._feed.lines(after, limit)
            except (JournalFault, EntryFault, OSError) as fault:
                _LOG.error("feed can't be read: %s", fault)
                return JSONResponse({"error": "journal can't be read"}, status_code=500)
        return Response(lines, media_type="application/x-ndjson")


def operations_app(
    feed: FeedEndpoint, status: Callable[[], Status], is_ready: Callable[[], bool]
) -> Starlette:
    """The application. `status` and `is_ready` are asked at every request."""

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(_: Request) -> Response:
        return JSONResponse({"ready": is_ready()}, status_code=200 if is_ready() else 503)

    async def show_status(_: Request) -> Response:
        return JSONResponse(dict(status()))

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/status", show_status),
            Route("/feed", feed.get),
        ]
    )


def _number(request: Request, name: str, default: int, maximum: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 19) or int(text) > maximum:
        raise ValueError(f"{name} is a number from 0 to {maximum}")
    return int(text)
