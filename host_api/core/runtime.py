"""What one running host API holds: its database and its background workers."""

from dataclasses import dataclass

from fastapi import Request

from host_api.core.database import Database
from host_api.core.encryption.vault import Vault
from host_api.core.events.delivery import EventDelivery
from host_api.core.events.event_type import EventCatalogue
from host_api.core.feed_projection import FeedProjection
from host_api.core.files.content_store import ContentStore
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.jobs.runner import JobRunner
from host_api.core.ledger.outcomes import OutcomeBoard
from host_api.core.ledger.worker import LedgerWorker
from host_api.core.outbox_worker import OutboxWorker
from host_api.core.passwords import Passwords
from host_api.core.rate_limit import RateLimits
from host_api.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Runtime:
    """The parts that endpoints reach through their request."""

    settings: Settings
    database: Database
    vault: Vault
    host_links: HostLinkPool
    outbox_worker: OutboxWorker
    ledger_worker: LedgerWorker
    outcomes: OutcomeBoard
    feed_projection: FeedProjection
    event_types: EventCatalogue
    event_delivery: EventDelivery
    passwords: Passwords
    rate_limits: RateLimits
    contents: ContentStore
    job_runner: JobRunner

    def wake_workers(self) -> None:
        """Something was written that may be for the switch, a webhook or a job."""
        self.outbox_worker.wake()
        self.ledger_worker.wake()
        self.event_delivery.wake()
        self.job_runner.wake()


def runtime_of(request: Request) -> Runtime:
    """The runtime of the application that serves `request`."""
    runtime = request.app.state.runtime
    if not isinstance(runtime, Runtime):
        raise RuntimeError("the application was made without a runtime")
    return runtime
