"""What the tests of webhooks share: an opened vault, workers that hurry, subscriptions of a receiver."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import pytest

from host_api.core.backoff import Backoff
from host_api.core.database import Database
from host_api.core.encryption.vault import Vault
from host_api.core.events.emission import Subject, emit
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.catalogue import EVENT_TYPES
from host_api.services.members.events import MEMBER_JOINED, MemberJoined
from host_api.services.webhooks import logic
from host_api.services.webhooks.retry_schedule import RetrySchedule
from host_api.services.webhooks.schemas import WebhookCreate, WebhookIssued
from host_api.services.webhooks.worker import WebhookWorker, WorkerSettings

LOOPBACK = AddressPolicy(loopback=True)
QUICK = WorkerSettings(
    LOOPBACK,
    retain_for=timedelta(days=30),
    schedule=RetrySchedule(delays=(timedelta(milliseconds=5),) * 200),
    idle_poll_s=0.02,
)


class Bench:
    """A database with its vault, and what is done on it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database = database
        self.vault = vault

    def worker(self, settings: WorkerSettings = QUICK) -> WebhookWorker:
        return WebhookWorker(
            self.database,
            self.vault,
            settings,
            new_backoff=lambda: Backoff(0.001, 0.02),
        )

    @asynccontextmanager
    async def _running(self, workers: Sequence[WebhookWorker]) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def running(self, *workers: WebhookWorker) -> AbstractAsyncContextManager[None]:
        return self._running(workers)

    async def subscribe(
        self, url: str, *event_types: str, headers: dict[str, str] | None = None
    ) -> WebhookIssued:
        wanted = WebhookCreate(url=url, event_types=list(event_types) or ["*"], headers=headers or {})
        async with self.database.writing(FIRST_PROGRAMME) as session:
            issued, _ = await logic.create(
                session, self.vault.cipher, wanted, policy=LOOPBACK, type_names=EVENT_TYPES.names
            )
        return issued

    async def emit(self, count: int, programme_id: int = FIRST_PROGRAMME) -> list[str]:
        """Emit events one by one; their ids in order."""
        ids = []
        for number in range(count):
            async with self.database.writing(programme_id) as session:
                event = emit(
                    session,
                    MEMBER_JOINED,
                    Subject("member", number),
                    MemberJoined(member_id=number, tier="gold"),
                )
            ids.append(event.message_id)
        return ids


@pytest.fixture
async def bench(database: Database, settings: Settings) -> Bench:
    vault = Vault(database, settings.keyring_path)
    await vault.open()
    return Bench(database, vault)
