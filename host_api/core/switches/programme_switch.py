"""A programme's switch as this process works with it."""

from collections.abc import Coroutine
from dataclasses import dataclass

from host_api.core.feed_projection import FeedProjection
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.ledger.worker import LedgerWorker
from host_api.core.outbox_worker import OutboxWorker
from host_api.core.switches.switch_settings import SwitchSettings


@dataclass(frozen=True, slots=True)
class ProgrammeSwitch:
    """Links to the switch, and the workers that need them; idle where the programme has no switch."""

    settings: SwitchSettings
    links: HostLinkPool
    outbox_worker: OutboxWorker
    ledger_worker: LedgerWorker
    feed_projection: FeedProjection

    def workers(self) -> dict[str, Coroutine[object, object, None]]:
        """What is to run as long as the process does, by name."""
        return {
            "host links": self.links.run(),
            "outbox worker": self.outbox_worker.run(),
            "ledger worker": self.ledger_worker.run(),
            "feed projection": self.feed_projection.run(),
        }
