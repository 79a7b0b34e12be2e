"""Which background workers a transaction has made work for: they are woken once it is committed.

Waking only saves them the wait for their next poll, by which they also see what other processes have written.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from host_api.core.isolation import programme_of

_KEY = "made_work_for"


class Worker(StrEnum):
    """A background worker that looks for rows of its own."""

    OUTBOX = "outbox"
    LEDGER = "ledger"
    EVENTS = "events"
    JOBS = "jobs"


# Called with the programme for which there is work.
Wakers = Mapping[Worker, Iterable[Callable[[int], None]]]


def makes_work_for(session: AsyncSession, worker: Worker) -> None:
    """Note that the session's transaction has a row for `worker`."""
    session.info.setdefault(_KEY, set()).add(worker)


def wake(session: AsyncSession, wakers: Wakers) -> None:
    """Wake those for whom the committed transaction of `session` made work."""
    for worker in session.info.pop(_KEY, ()):
        for waker in wakers.get(worker, ()):
            waker(programme_of(session.sync_session))
