"""HTTP of the operations port: health, /status, /metrics, /feed, /totals, /rules/candidate, /terminals/health
and /dead-letters."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from switch.journal.entries import EntryFault
from switch.journal.faults import JournalFault, PositionGone
from switch.metrics.exposition import CONTENT_TYPE, exposition
from switch.metrics.report import Report, report
from switch.metrics.store import Metrics
from switch.operations.access import Access, unauthorised
from switch.operations.candidate import CandidateEndpoint
from switch.operations.dead_letters import DeadLetterEndpoints
from switch.operations.feed import FEED_LIMIT_MAX, FEED_WAIT_MS_MAX, JournalFeed
from switch.operations.feed_readers import READER_NAME
from switch.operations.fleet import FleetEndpoint
from switch.operations.query import number_in_query
from switch.operations.readiness import Obstacle, told

_LOG = logging.getLogger("switch.operations")

Status = Mapping[str, int | str | bool]


class Sight(NamedTuple):
    """What is there to see; the functions are asked at every request.

    `obstacles` are empty while the switch authorises.
    """

    metrics: Metrics
    status: Callable[[], Status]
    obstacles: Callable[[], Sequence[Obstacle]]


class FeedEndpoint:
    """Serves the feed to whoever holds the token, to a bounded number of readers at a time."""

    def __init__(self, feed: JournalFeed, access: Access, readers_max: int) -> None:
        self._feed = feed
        self._access = access
        self._readers = asyncio.Semaphore(readers_max)

    async def get(self, request: Request) -> Response:
        """GET /feed?after=&limit=&wait_ms=&reader=; how far a reader is that gives a name is watched."""
        if not self._access.holds_token(request):
            return unauthorised()
        try:
            after = number_in_query(request, "after", 0, (1 << 63) - 1)
            limit = number_in_query(request, "limit", FEED_LIMIT_MAX, FEED_LIMIT_MAX)
            wait_ms = number_in_query(request, "wait_ms", 0, FEED_WAIT_MS_MAX)
        except ValueError as fault:
            return JSONResponse({"error": str(fault)}, status_code=422)
        reader = request.query_params.get("reader")
        if reader is not None and not READER_NAME.fullmatch(reader):
            return JSONResponse({"error": "reader is a name of 1 to 32 characters"}, status_code=422)
        if self._readers.locked():
            return JSONResponse({"error": "too many readers"}, status_code=503, headers={"Retry-After": "1"})
        if reader is not None:
            self._feed.readers.note(reader, after)
        async with self._readers:
            await self._feed.wait_beyond(after, wait_ms)
            try:
                lines = await self._feed.lines(after, limit)
            except PositionGone as gone:
                told = {"error": str(gone), "first_position": gone.first_position}
                return JSONResponse(told, status_code=410)
            except (JournalFault, EntryFault, OSError) as fault:
                _LOG.error("feed can't be read: %s", fault)
                return JSONResponse({"error": "journal can't be read"}, status_code=500)
        return Response(lines, media_type="application/x-ndjson")


class SightEndpoints:
    """Health for everybody; status and metrics for this machine and whoever holds the token."""

    def __init__(self, sight: Sight, access: Access) -> None:
        self._sight = sight
        self._access = access

    async def live(self, _: Request) -> Response:
        """GET /health/live: the event loop runs."""
        return JSONResponse({"live": True})

    async def ready(self, _: Request) -> Response:
        """GET /health/ready: 200 while the switch authorises, else 503 and why."""
        obstacles = self._sight.obstacles()
        return JSONResponse(
            {"ready": not obstacles, "reasons": [told(obstacle) for obstacle in obstacles]},
            status_code=503 if obstacles else 200,
        )

    async def status(self, request: Request) -> Response:
        """GET /status: one JSON object."""
        if not self._access.may_look(request):
            return unauthorised()
        return JSONResponse(status_document(self._sight))

    async def metrics(self, request: Request) -> Response:
        """GET /metrics: for Prometheus."""
        if not self._access.may_look(request):
            return unauthorised()
        return Response(exposition(self._sight.metrics), headers={"Content-Type": CONTENT_TYPE})


def status_document(sight: Sight) -> dict[str, int | str | bool | list[str] | Report]:
    """What /status tells: counters by plain names, state, what stands in the way, and every metric."""
    obstacles = [obstacle.code for obstacle in sight.obstacles()]
    return {
        **sight.metrics.totals(),
        **sight.status(),
        "ready": not obstacles,
        "reasons": obstacles,
        "metrics": report(sight.metrics),
    }


def operations_app(
    feed: Callable[[Request], Awaitable[Response]],
    sight: Sight,
    dead_letters: DeadLetterEndpoints,
    candidate: CandidateEndpoint,
    access: Access,
    *,
    fleet: FleetEndpoint,
    totals: Callable[[Request], Awaitable[Response]],
    console: Sequence[Route] = (),
) -> Starlette:
    """The application; `feed` answers GET /feed, `totals` GET /totals; `console` is all of the console's."""
    endpoints = SightEndpoints(sight, access)
    return Starlette(
        routes=[
            Route("/health/live", endpoints.live),
            Route("/health/ready", endpoints.ready),
            Route("/status", endpoints.status),
            Route("/metrics", endpoints.metrics),
            Route("/feed", feed),
            Route("/totals", totals),
            Route("/rules/candidate", candidate.get),
            Route("/terminals/health", fleet.get),
            *dead_letters.routes(),
            *console,
        ]
    )
