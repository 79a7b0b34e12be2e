"""How often somebody may try to log in: some tries at once, then ever longer waits. No clock of its own.

Names and addresses share a fixed number of places, by a keyed digest: nobody can fill a table, find out who
shares a place, or have anybody's tries forgotten.
"""

import hashlib
from typing import Final, NamedTuple

_PLACES: Final = 4096
_DOUBLINGS_MAX: Final = 20


class Pace(NamedTuple):
    """`free` tries, then waits from `first_s` on, doubled each time, up to `longest_s`; `forget_s` without a
    try begin all anew."""

    free: int
    first_s: float
    longest_s: float
    forget_s: float


# One name from one address.
OF_PAIRS: Final = Pace(5, 1.0, 600.0, 3600.0)
# A name from anywhere: who is attacked must still get in, so these waits stay short.
OF_NAMES: Final = Pace(50, 1.0, 8.0, 3600.0)
# Behind one address may be a whole control room, or a proxy.
OF_ADDRESSES: Final = Pace(30, 1.0, 600.0, 3600.0)


class _Place:
    __slots__ = ("free_at_s", "last_s", "tries")

    def __init__(self) -> None:
        self.tries = 0
        self.last_s = 0.0
        self.free_at_s = 0.0


class Throttle:
    """Tries of one sort; times are monotonic seconds, `key` is 16 secret bytes."""

    def __init__(self, pace: Pace, key: bytes) -> None:
        self._pace = pace
        self._key = key
        self._places: dict[int, _Place] = {}

    def wait_s(self, who: str, now_s: float) -> float:
        """How long to wait before a try, 0 where it may be now."""
        place = self._places.get(self._number(who))
        return 0.0 if place is None else max(0.0, place.free_at_s - now_s)

    def count(self, who: str, now_s: float) -> None:
        """Count a try before it is looked at, so that many at once count as many."""
        pace = self._pace
        place = self._places.setdefault(self._number(who), _Place())
        if now_s - place.last_s > pace.forget_s:
            place.tries = 0
        place.tries += 1
        place.last_s = now_s
        more = place.tries - pace.free
        if more >= 0:
            doubled = pace.first_s * (1 << min(more, _DOUBLINGS_MAX))
            place.free_at_s = now_s + min(pace.longest_s, doubled)

    def forget(self, who: str) -> None:
        """It was the right one."""
        self._places.pop(self._number(who), None)

    def take_back(self, who: str) -> None:
        """A try doesn't count after all."""
        place = self._places.get(self._number(who))
        if place is not None:
            place.tries = max(0, place.tries - 1)
            place.free_at_s = 0.0

    def _number(self, who: str) -> int:
        text = who.encode(errors="replace")
        return int.from_bytes(hashlib.blake2s(text, key=self._key, digest_size=2).digest()) % _PLACES
