"""What one running host API holds: its database and its background workers."""

from dataclasses import dataclass
from typing import TypedDict

from fastapi import Request

from host_api.core.database import Database
from host_api.core.encryption.vault import Vault
from host_api.core.events.delivery import EventDelivery
from host_api.core.events.event_type import EventCatalogue
from host_api.core.fault_reports import FaultReports
from host_api.core.files.content_store import ContentStore
from host_api.core.jobs.runner import JobRunner
from host_api.core.ledger.outcomes import OutcomeBoard
from host_api.core.page_views import PageViews
from host_api.core.passwords import Passwords
from host_api.core.personal_data import PersonalData
from host_api.core.rate_limit import RateLimits
from host_api.core.settings import Settings
from host_api.core.switches.switches import Switches


@dataclass(frozen=True, slots=True)
class Runtime:
    """The parts that endpoints reach through their request."""

    settings: Settings
    database: Database
    vault: Vault
    switches: Switches
    outcomes: OutcomeBoard
    event_types: EventCatalogue
    event_delivery: EventDelivery
    passwords: Passwords
    rate_limits: RateLimits
    contents: ContentStore
    job_runner: JobRunner
    personal_data: tuple[PersonalData, ...]
    fault_reports: FaultReports
    page_views: PageViews


class RuntimeState(TypedDict):
    """What every request of a served application carries."""

    runtime: Runtime


def runtime_of(request: Request) -> Runtime:
    """The runtime of the application that serves `request`."""
    runtime = getattr(request.state, "runtime", None)
    if not isinstance(runtime, Runtime):
        raise RuntimeError("the application was made without a runtime")
    return runtime
