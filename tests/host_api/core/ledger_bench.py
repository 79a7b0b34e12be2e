"""The bank of requests and all around it: database, links, workers, and a service that keeps books."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.backoff import Backoff
from host_api.core.clock import utc_now
from host_api.core.database import Database, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.host_link.settings import HostLinkSettings
from host_api.core.ledger.bank import Wish, request_many, request_points
from host_api.core.ledger.movements import Movement
from host_api.core.ledger.outcomes import Handlers, Outcome, OutcomeBoard
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.ledger.worker import LedgerWorker
from host_api.core.outbox_worker import OutboxWorker
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.merchants.models import Merchant
from tests.host_api.eventually import eventually
from tests.host_api.fixed_cipher import CIPHER
from tests.host_api.switch_peer import HOST_ID, MASTER_KEY

SERVICE = "tests"
CALLER = system_caller("tests", FIRST_PROGRAMME)


def quick_backoff() -> Backoff:
    return Backoff(first_s=0.001, limit_s=0.02)


class Bookkeeper:
    """The service: writes one row for each outcome, which the database would not take twice.

    It fails so many times in all, and always with what it refuses; `heard_together` is what it took.
    """

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.refused: set[int] = set()
        self.heard_together: list[list[int]] = []

    @property
    def heard(self) -> list[int]:
        return [request_id for heard in self.heard_together for request_id in heard]

    async def __call__(self, session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
        for outcome in outcomes:
            session.add(
                Merchant(merchant_id=f"R{outcome.request_id}", name=outcome.state.value, created_at=utc_now())
            )
        await session.flush()
        if self.failures:
            self.failures -= 1
            raise ZeroDivisionError
        ids = [outcome.request_id for outcome in outcomes]
        if self.refused & set(ids):
            raise ZeroDivisionError
        self.heard_together.append(ids)


@dataclass
class Life:
    """One process: its links and workers."""

    links: HostLinkPool
    outbox: OutboxWorker
    worker: LedgerWorker
    board: OutcomeBoard


class LedgerBench:
    """Processes on one database, which all talk to one switch."""

    def __init__(
        self,
        database: Database,
        directory: Path,
        endpoint: tuple[str, int],
        cipher: FieldCipher = CIPHER,
    ) -> None:
        self.database = database
        self.cipher = cipher
        self.bookkeeper = Bookkeeper()
        self.handlers: Handlers = {SERVICE: self.bookkeeper}
        self.endpoint = endpoint
        self.response_timeout_s = 0.4
        self._key = directory / "master.key"
        self._key.write_text(MASTER_KEY.hex(), "ascii")
        self._references: Iterator[int] = iter(range(1, 10_000))

    def life(self) -> Life:
        settings = HostLinkSettings(
            self.endpoint, HOST_ID, self._key, response_timeout_s=self.response_timeout_s, in_flight=8
        )
        links = HostLinkPool(settings, new_backoff=quick_backoff)
        board = OutcomeBoard(self.database)
        return Life(
            links,
            OutboxWorker(
                self.database,
                FIRST_PROGRAMME,
                links,
                lambda: self.cipher,
                new_backoff=quick_backoff,
                idle_poll_s=0.02,
            ),
            LedgerWorker(
                self.database,
                FIRST_PROGRAMME,
                links,
                self.handlers,
                board,
                cipher=lambda: self.cipher,
                new_backoff=quick_backoff,
                idle_poll_s=0.02,
                lease_margin_s=0.1,
                repeat_limit_s=0.05,
            ),
            board,
        )

    @asynccontextmanager
    async def running(self, *lives: Life) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(part.run())
            for life in lives
            for part in (life.links, life.outbox, life.worker)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends

    async def ask(self, movement: Movement, *, patience_s: float | None = 30, reference: str = "") -> int:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            return await request_points(
                session,
                movement,
                service=SERVICE,
                reference=reference or str(next(self._references)),
                asked_by=CALLER,
                patience=None if patience_s is None else timedelta(seconds=patience_s),
                cipher=None if movement.card_number is None else self.cipher,
            )

    async def ask_many(self, movements: Sequence[Movement], *, patience_s: float | None = 30) -> list[int]:
        wishes = [Wish(movement, str(next(self._references))) for movement in movements]
        async with self.database.writing(FIRST_PROGRAMME) as session:
            return await request_many(
                session,
                wishes,
                service=SERVICE,
                asked_by=CALLER,
                patience=None if patience_s is None else timedelta(seconds=patience_s),
            )

    async def rows(self) -> list[LedgerRequest]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return list(await session.scalars(select(LedgerRequest).order_by(LedgerRequest.id)))

    async def row(self, request_id: int) -> LedgerRequest:
        return next(row for row in await self.rows() if row.id == request_id)

    async def books(self) -> dict[int, str]:
        """What the service was told, by request."""
        async with self.database.reading(FIRST_PROGRAMME) as session:
            rows = await session.scalars(select(Merchant))
            return {int(row.merchant_id.removeprefix("R")): row.name for row in rows}

    async def all_over(self, timeout_s: float = 60) -> None:
        async def are_over() -> bool:
            return not any(RequestState(row.state).is_open for row in await self.rows())

        await eventually(are_over, timeout_s)
