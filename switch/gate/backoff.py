"""How long to rest before the next attempt to connect."""

from collections.abc import Callable


class Backoff:
    """Doubling waits with jitter, so that many who lost one peer don't come back in one moment.

    `chance` gives numbers from 0 up to 1. Seconds.
    """

    def __init__(self, first_s: float, longest_s: float, chance: Callable[[], float]) -> None:
        self._first_s = min(first_s, longest_s)
        self._longest_s = longest_s
        self._chance = chance
        self._next_s = self._first_s

    def succeed(self) -> None:
        """Start over: the link worked."""
        self._next_s = self._first_s

    def wait_s(self) -> float:
        """The next wait: between half and all of the present bound."""
        bound = self._next_s
        self._next_s = min(bound * 2, self._longest_s)
        return bound * (1 + self._chance()) / 2
