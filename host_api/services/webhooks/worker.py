"""Publishes events and delivers them to webhooks, of all programmes, in the background.

One coroutine talks to the database; the attempts run beside it, each only on the network. Several workers,
in this process or others, share the work by the leases of the rows; what a killed worker held is taken over
once its lease has ended, so everything is delivered at least once.
"""

import asyncio
import logging
import random
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from host_api.core.backoff import Backoff
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, Database
from host_api.core.database_time import database_now
from host_api.core.encryption.vault import Vault
from host_api.core.events.delivery import DeliveryDepth
from host_api.core.events.publication import programmes_with_unpublished
from host_api.core.events.retention import forget_events
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.programmes import Programme
from host_api.services.webhooks.delivery_queue import (
    Claim,
    Landed,
    claim,
    depth,
    due_webhooks,
    publish_and_enqueue,
    settle,
)
from host_api.services.webhooks.outcome import AttemptError, Outcome
from host_api.services.webhooks.retention import release_events
from host_api.services.webhooks.retry_schedule import RetrySchedule

if TYPE_CHECKING:
    from host_api.services.webhooks.sender import Sender

_log = logging.getLogger(__name__)

_PUBLISH_EVENTS = 200
_FORGET_EVENTS = 500


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How much is done at once, and how long anything is waited for.

    Parameters:
        concurrency: attempts at the same time, of which each webhook has at most `per_webhook`.
        lease_for: must be clearly longer than `attempt_timeout_s`, which bounds a whole attempt.
        idle_poll_s: how soon what another process wrote is seen, and how exactly attempts are on time.
    """

    policy: AddressPolicy
    retain_for: timedelta
    schedule: RetrySchedule = field(default_factory=RetrySchedule)
    concurrency: int = 16
    per_webhook: int = 4
    attempt_timeout_s: float = 15.0
    lease_for: timedelta = timedelta(seconds=45)
    idle_poll_s: float = 1.0
    forget_every_s: float = 600.0
    certificates: ssl.SSLContext | None = None


class WebhookWorker:
    """The background task; see the module.

    Parameters:
        vault: opened before `run`; its cipher opens the webhooks' secrets.
        random_fraction: a source as `random.random`, for the jitter.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        settings: WorkerSettings,
        *,
        new_backoff: Callable[[], Backoff] = Backoff,
        random_fraction: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._vault = vault
        self._settings = settings
        self._backoff = new_backoff()
        self._random = random_fraction
        self._work = asyncio.Event()
        self._flights: dict[asyncio.Task[Outcome], Claim] = {}
        self._landed: list[Landed] = []
        self._last_served = 0
        self._sender: Sender | None = None
        self._forgot_at = time.monotonic() - settings.forget_every_s
        self.last_error: str | None = None

    def wake(self) -> None:
        """Look for work now rather than at the next poll."""
        self._work.set()

    async def depth(self, session: AnySession) -> DeliveryDepth:
        """Counts for the status page of the session's programme."""
        return await depth(session)

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self._work.clear()
                try:
                    is_behind = await self._round()
                except SQLAlchemyError as error:
                    text = f"database: {type(error).__name__}"
                    if text != self.last_error:
                        _log.warning("webhooks: %s", text)
                    self.last_error = text
                    await self._backoff.sleep()
                    continue
                self.last_error = None
                self._backoff.reset()
                if not is_behind:
                    await self._wait()
        finally:
            for flight in self._flights:
                flight.cancel()
            await asyncio.gather(*self._flights, return_exceptions=True)
            self._flights.clear()
            if self._sender is not None:
                await self._sender.close()

    async def _round(self) -> bool:
        """Settle, publish, claim; whether there is more to publish."""
        await self._settle()
        is_behind = await self._publish()
        await self._take_off()
        if time.monotonic() - self._forgot_at >= self._settings.forget_every_s:
            await self._forget()
            self._forgot_at = time.monotonic()
        return is_behind

    async def _settle(self) -> None:
        for flight in [flight for flight in self._flights if flight.done()]:
            self._landed.append(Landed(self._flights.pop(flight), _outcome_of(flight)))
        for programme_id in sorted({entry.claim.programme_id for entry in self._landed}):
            mine = [entry for entry in self._landed if entry.claim.programme_id == programme_id]
            async with self._database.writing(programme_id) as session:
                await settle(session, mine, self._settings.schedule, self._random)
            self._landed = [entry for entry in self._landed if entry.claim.programme_id != programme_id]

    async def _publish(self) -> bool:
        async with self._database.reading() as session:
            programmes = await programmes_with_unpublished(session)
        is_behind = False
        for programme_id in programmes:
            async with self._database.writing(programme_id) as session:
                published = await publish_and_enqueue(session, _PUBLISH_EVENTS)
            is_behind = is_behind or published == _PUBLISH_EVENTS
        return is_behind

    async def _take_off(self) -> None:
        free = self._settings.concurrency - len(self._flights)
        if free <= 0:
            return
        async with self._database.reading() as session:
            due = await due_webhooks(session)
        wanted: dict[int, list[tuple[int, int]]] = {}
        for programme_id, webhook_id in self._in_turn(due):
            in_flight = sum(entry.webhook_id == webhook_id for entry in self._flights.values())
            share = min(free, self._settings.per_webhook - in_flight)
            if share > 0:
                wanted.setdefault(programme_id, []).append((webhook_id, share))
                free -= share
                self._last_served = webhook_id
        for programme_id, shares in wanted.items():
            claims: list[Claim] = []
            async with self._database.writing(programme_id) as session:
                for webhook_id, share in shares:
                    claims += await claim(
                        session, self._vault.cipher, webhook_id, share, self._settings.lease_for
                    )
            for entry in claims:
                flight = asyncio.create_task(_attempt(self._opened_sender(), entry))
                self._flights[flight] = entry

    def _opened_sender(self) -> "Sender":
        if self._sender is None:
            # The HTTP client is slow to import, and many programmes have no webhook.
            from host_api.services.webhooks.sender import Sender  # noqa: PLC0415

            self._sender = Sender(
                self._settings.policy,
                timeout_s=self._settings.attempt_timeout_s,
                connections=self._settings.concurrency,
                certificates=self._settings.certificates,
            )
        return self._sender

    def _in_turn(self, due: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """The due webhooks, beginning after the one served last, so that none is always the last."""
        yield from (entry for entry in due if entry[1] > self._last_served)
        yield from (entry for entry in due if entry[1] <= self._last_served)

    async def _forget(self) -> None:
        async with self._database.reading() as session:
            programmes = list(await session.scalars(select(Programme.id)))
        for programme_id in programmes:
            while True:
                async with self._database.writing(programme_id) as session:
                    before = await database_now(session) - self._settings.retain_for
                    if await forget_events(session, before, _FORGET_EVENTS, release_events) < _FORGET_EVENTS:
                        break

    async def _wait(self) -> None:
        waker = asyncio.ensure_future(self._work.wait())
        try:
            await asyncio.wait(
                {waker, *self._flights},
                timeout=self._settings.idle_poll_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            waker.cancel()


async def _attempt(sender: "Sender", entry: Claim) -> Outcome:
    if entry.message is None:
        return Outcome(AttemptError.SECRET)
    return await sender.send(entry.message.outgoing(int(utc_now().timestamp())))


def _outcome_of(flight: asyncio.Task[Outcome]) -> Outcome:
    error = asyncio.CancelledError() if flight.cancelled() else flight.exception()
    if error is None:
        return flight.result()
    # Its text may hold an address or a header.
    _log.error("webhooks: an attempt ended unexpectedly: %s", type(error).__name__)
    return Outcome(AttemptError.INTERNAL)
