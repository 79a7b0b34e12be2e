"""When an attempt that failed is repeated, and when a webhook is switched off."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

_S: Final = timedelta(seconds=1)
_MIN: Final = timedelta(minutes=1)
_H: Final = timedelta(hours=1)

# Twelve attempts over about three days: a receiver may be down over a weekend's night and miss nothing.
DELAYS: Final = (
    *(5 * _S, 30 * _S, 2 * _MIN, 10 * _MIN, 30 * _MIN, 1 * _H),
    *(3 * _H, 6 * _H, 12 * _H, 24 * _H, 24 * _H),
)
_LONGEST_RETRY_AFTER: Final = timedelta(hours=24)
_JITTER: Final = 0.2


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Attempts of one delivery, and the patience with a webhook.

    Parameters:
        delays: between the attempts; one attempt more is made than there are delays.
        failures_to_switch_off: failed attempts in a row, of all deliveries together ...
        failing_to_switch_off: ... and over at least this time, after which the webhook is switched off.
    """

    delays: tuple[timedelta, ...] = DELAYS
    failures_to_switch_off: int = 50
    failing_to_switch_off: timedelta = field(default=timedelta(days=4))

    def delay(
        self, attempts: int, retry_after: timedelta | None, random: Callable[[], float]
    ) -> timedelta | None:
        """How long to wait after `attempts` failed attempts; None after the last.

        Parameters:
            retry_after: what the receiver asked for (RFC 9110, section 10.2.3); at most a day is granted.
            random: a source of numbers from 0 to 1, which spreads the attempts by a fifth either way.
        """
        if attempts > len(self.delays):
            return None
        spread = self.delays[attempts - 1] * (1 + _JITTER * (2 * random() - 1))
        return max(spread, min(retry_after or timedelta(), _LONGEST_RETRY_AFTER))

    def is_exhausted(self, failures: int, failing_for: timedelta) -> bool:
        """Whether a webhook with so many failures in a row, over this time, is to be switched off."""
        return failures >= self.failures_to_switch_off and failing_for >= self.failing_to_switch_off
