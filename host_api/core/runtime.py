"""What one running host API holds: its database and its background workers."""

from dataclasses import dataclass

from fastapi import Request

from host_api.core.database import Database
from host_api.core.encryption.vault import Vault
from host_api.core.events.delivery import EventDelivery
from host_api.core.events.event_type import EventCatalogue
from host_api.core.feed_projection import FeedProjection
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
    outbox_worker: OutboxWorker
    feed_projection: FeedProjection
    event_types: EventCatalogue
    event_delivery: EventDelivery
    passwords: Passwords
    rate_limits: RateLimits


def runtime_of(request: Request) -> Runtime:
    """The runtime of the application that serves `request`."""
    runtime = request.app.state.runtime
    if not isinstance(runtime, Runtime):
        raise RuntimeError("the application was made without a runtime")
    return runtime
