"""What the frame knows of the worker that publishes events and delivers them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from host_api.core.database import AnySession


@dataclass(frozen=True, slots=True)
class DeliveryDepth:
    """How much of a programme is on its way.

    Attributes:
        unpublished: events not yet numbered.
        waiting: deliveries never tried; `retrying`: tried and not accepted yet; `parked`: given up.
        switched_off: webhooks that were switched off for their failures.
        oldest_untried_at: when the oldest event happened that is unpublished or never tried.
    """

    unpublished: int
    waiting: int
    retrying: int
    parked: int
    switched_off: int
    oldest_untried_at: datetime | None


class EventDelivery(Protocol):
    """The worker."""

    @property
    def last_error(self) -> str | None:
        """Why it stands still; None while it works."""

    def wake(self) -> None:
        """Look for work now rather than at the next poll."""

    async def run(self) -> None:
        """Work until cancelled."""

    async def depth(self, session: AnySession) -> DeliveryDepth:
        """Counts for the status page of the session's programme."""
