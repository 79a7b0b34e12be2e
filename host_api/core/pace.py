"""Work that is spread over time, so that whoever has to do something with it can keep up."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class Pace:
    """At most so many things in a minute, whatever their order.

    Parameters:
        per_minute: how many.
        clock: monotonic, seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._seconds_each = 60 / per_minute
        self._clock = clock
        self._sleep = sleep
        self._free_at_s = clock()

    async def take(self, count: int) -> None:
        """Count `count` things just done, and wait until the next may be."""
        self._free_at_s = max(self._free_at_s, self._clock()) + count * self._seconds_each
        ahead_s = self._free_at_s - self._clock()
        if count and ahead_s > 0:
            await self._sleep(ahead_s)
