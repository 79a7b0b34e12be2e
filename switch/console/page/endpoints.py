"""What the page asks for, besides alarms and transactions.

    GET  /console/stream                             server-sent events: `frame` ten a second, `sight` one
    GET  /console/history?from_s=&until_s=&points=   a stretch of the last 24 hours
    GET  /console/terminals?find=&skip=&limit=       by merchant, branch and id

For viewers; the stream ends when whoever reads it is no longer let in. Times are in the unit that their names
end in, rates a second's; a frame's numbers are in the order of `fields` of the history.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from switch.console.access.roles import Role
from switch.console.alarms.routes import Guard
from switch.console.frame import Frame
from switch.console.history import SECONDS, History, frames_of
from switch.console.live import Live, TooManyViewers
from switch.console.roster import LIMIT_MAX, Roster
from switch.console.stretch import point_of
from switch.operations.access import unauthorised
from switch.operations.query import number_in_query

POINTS_MAX: Final = 1500
READERS_MAX: Final = 4
_SECONDS_MAX: Final = 1 << 40
_READ_AT_ONCE_S: Final = 3600
_FOUND_CHARACTERS_MAX: Final = 32
_SKIP_MAX: Final = 1_000_000
# So soon a client that has lost the stream should come back, where it doesn't decide for itself.
_BEGIN: Final = b"retry: 2000\n\n"

_Endpoint = Callable[[Request], Awaitable[Response]]


class StayGuard(Guard, Protocol):
    """Who asks, and goes on reading."""

    def may_stay(self, request: Request, role: Role, /) -> bool:
        """Whether whoever was let in with a role still is."""


class PageEndpoints:
    """Of one switch; `history` is None where none is kept."""

    def __init__(self, live: Live, history: History | None, roster: Roster, guard: StayGuard) -> None:
        self._live = live
        self._history = history
        self._roster = roster
        self._guard = guard
        self._readers = asyncio.Semaphore(READERS_MAX)

    def routes(self) -> list[Route]:
        """Of all of them."""
        return [
            Route("/console/stream", self._guarded(self._stream)),
            Route("/console/history", self._guarded(self._bounded(self._stretch))),
            Route("/console/terminals", self._guarded(self._bounded(self._terminals))),
        ]

    def _guarded(self, endpoint: _Endpoint) -> _Endpoint:
        async def serve(request: Request) -> Response:
            if not self._guard.may(request, Role.VIEWER):
                return unauthorised()
            try:
                return await endpoint(request)
            except ValueError as fault:
                return JSONResponse({"error": str(fault)}, status_code=422)

        return serve

    def _bounded(self, endpoint: _Endpoint) -> _Endpoint:
        async def serve(request: Request) -> Response:
            if self._readers.locked():
                return _later("too many are asking")
            async with self._readers:
                return await endpoint(request)

        return serve

    async def _stream(self, request: Request) -> Response:
        events = self._live.watch()
        try:
            first = await anext(events)
        except TooManyViewers:
            return _later("as many watch as may")
        except StopAsyncIteration:
            return _later("the switch ends")
        return StreamingResponse(
            _all(first, events, lambda: self._guard.may_stay(request, Role.VIEWER)),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _stretch(self, request: Request) -> Response:
        now_s = int(time.time())
        until_s = number_in_query(request, "until_s", now_s, _SECONDS_MAX)
        from_s = number_in_query(request, "from_s", max(0, until_s - SECONDS), _SECONDS_MAX)
        points = max(1, number_in_query(request, "points", 720, POINTS_MAX))
        from_s = max(from_s, until_s - SECONDS)
        step_s = max(1, -(-(until_s - from_s) // points))
        try:
            found = [] if self._history is None else await _points(self._history, from_s, until_s, step_s)
        except OSError:
            return JSONResponse({"error": "the history can't be read"}, status_code=500)
        fields = ",".join(f'"{name}"' for name in Frame._fields)
        text = f'{{"fields":[{fields}],"step_s":{step_s},"frames":[{",".join(found)}]}}'
        return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})

    async def _terminals(self, request: Request) -> Response:
        text = request.query_params.get("find", "")
        if len(text) > _FOUND_CHARACTERS_MAX:
            raise ValueError(f"find has at most {_FOUND_CHARACTERS_MAX} characters")
        skip = number_in_query(request, "skip", 0, _SKIP_MAX)
        limit = number_in_query(request, "limit", 50, LIMIT_MAX)
        found = await self._roster.find(text, skip, limit)
        return JSONResponse({"count": found.number, "terminals": found.rows})


async def _all(
    first: bytes, events: AsyncGenerator[bytes, None], may_stay: Callable[[], bool]
) -> AsyncGenerator[bytes, None]:
    try:
        yield _BEGIN + first
        async for event in events:
            if not may_stay():
                return
            yield event
    finally:
        # Whoever watches is counted until then.
        await events.aclose()


async def _points(history: History, from_s: int, until_s: int, step_s: int) -> list[str]:
    """In slices: a day takes a tenth of a second."""
    found = []
    piece_s = max(step_s, _READ_AT_ONCE_S // step_s * step_s)
    for begin_s in range(from_s, until_s, piece_s):
        end_s = min(begin_s + piece_s, until_s)
        records = await asyncio.to_thread(history.read, begin_s, end_s)
        for first in range(0, end_s - begin_s, step_s):
            frames = list(frames_of(records, begin_s, first, step_s))
            if frames:
                found.append(point_of(frames))
            await asyncio.sleep(0)
    return found


def _later(why: str) -> Response:
    return JSONResponse({"error": why}, status_code=503, headers={"Retry-After": "2"})
