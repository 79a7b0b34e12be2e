"""How long to wait before the next attempt to connect."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Backoff:
    """Doubling waits with jitter, so that a street of terminals doesn't return in one moment after an outage.

    Args:
        first_ms: the first wait's upper bound.
        limit_ms: the bound of all waits.
        random: a number from 0 to its argument - 1.
    """

    def __init__(self, first_ms: int, limit_ms: int, random: "Callable[[int], int]") -> None:
        self._first_ms = first_ms
        self._limit_ms = limit_ms
        self._random = random
        self._next_ms = first_ms

    def succeeded(self) -> None:
        """Start over: the link worked."""
        self._next_ms = self._first_ms

    def wait_ms(self) -> int:
        """The next wait: between half and all of the present bound."""
        bound = min(self._next_ms, self._limit_ms)
        self._next_ms = min(self._next_ms * 2, self._limit_ms)
        return bound // 2 + self._random(bound // 2 + 1)
