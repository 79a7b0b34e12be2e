"""Waiting before the next try: exponential, bounded, with jitter."""

import asyncio
import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Delays that double from `first_s` to at most `limit_s`, each drawn from its upper half.

    The jitter keeps many hosts from knocking at the same instant after an outage.
    """

    first_s: float = 0.1
    limit_s: float = 15.0
    _failures: int = field(default=0, init=False)

    def next_delay_s(self) -> float:
        """Seconds to wait after one more failure."""
        full = min(self.limit_s, self.first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return full * random.uniform(0.5, 1.0)

    async def sleep(self) -> None:
        """Wait after one more failure; a cancellation that the failure has swallowed is raised here."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        await asyncio.sleep(self.next_delay_s())

    def reset(self) -> None:
        """Begin again after a success."""
        self._failures = 0
