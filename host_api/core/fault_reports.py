"""Faults that this process met, on their way to the fault finder (SW-11): what failed, where, when.

Only names of code stand in a report, never a message of an exception: it may quote a person's data.
"""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType

from starlette.requests import Request

from host_api.core.clock import utc_now

_MOST_WAITING = 1000
_OWN = "host_api."


@dataclass(frozen=True, slots=True)
class FaultReport:
    """One fault.

    Parameters:
        kind: `request_failed` or `worker_crashed`.
        place: the route's template, or the worker's name.
        cause: the kind of exception and the function of ours that it came from.
        programme_id: whose request or worker it was; None where that is not known, or nobody's.
    """

    kind: str
    place: str
    cause: str
    at: datetime
    request_id: str | None = None
    programme_id: int | None = None
    reference: str = field(default_factory=lambda: secrets.token_hex(8))


class FaultReports:
    """Reports that wait to be written down; the oldest go where they are too many, as when no database is."""

    def __init__(self) -> None:
        self._waiting: deque[FaultReport] = deque(maxlen=_MOST_WAITING)
        self._arrived = asyncio.Event()

    def report(self, report: FaultReport) -> None:
        """Take a report in."""
        self._waiting.append(report)
        self._arrived.set()

    def take(self, limit: int) -> list[FaultReport]:
        """The oldest reports, which are now the caller's."""
        return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]

    def put_back(self, reports: list[FaultReport]) -> None:
        """Have reports wait again, before those that came meanwhile, as far as there is room."""
        room = _MOST_WAITING - len(self._waiting)
        self._waiting.extendleft(reversed(reports[max(0, len(reports) - room) :]))

    async def wait(self, timeout_s: float) -> None:
        """Return when a report arrives, or after that time."""
        self._arrived.clear()
        if self._waiting:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._arrived.wait()
        except TimeoutError:
            return


def of_request(request: Request, error: BaseException, code: str) -> FaultReport:
    """The report of a request that was answered with 500 or more.

    Parameters:
        code: of the problem that it was answered with.
    """
    route = request.scope.get("route")
    path = getattr(route, "path", "")
    request_id = getattr(request.state, "request_id", None)
    programme_id = getattr(request.state, "programme_id", None)
    return FaultReport(
        kind="request_failed",
        place=f"{request.method} {path}"[:160],
        cause=f"{code}: {cause_of(error)}"[:200],
        at=utc_now(),
        request_id=request_id if isinstance(request_id, str) else None,
        programme_id=programme_id if isinstance(programme_id, int) else None,
    )


def of_worker(name: str, error: BaseException, programme_id: int | None = None) -> FaultReport:
    """The report of a worker that ended by an exception."""
    return FaultReport(
        "worker_crashed", name[:160], cause_of(error)[:200], utc_now(), programme_id=programme_id
    )


def cause_of(error: BaseException) -> str:
    """The kind of exception, and the last function of the host API that it came through."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    where = _where(error.__traceback__)
    name = type(error).__name__
    return name if where is None else f"{name} in {where}"


def _where(trace: TracebackType | None) -> str | None:
    found = None
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__")
        if isinstance(module, str) and module.startswith(_OWN):
            found = f"{module}.{trace.tb_frame.f_code.co_name}"
        trace = trace.tb_next
    return found
