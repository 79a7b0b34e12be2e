"""Frames of one link that wait to be served, and when each came."""

from collections import deque
from collections.abc import Callable
from itertools import repeat


class Inbox:
    """A queue in the order of arrival. `frames` may be taken from the left if `taken` is told how many."""

    __slots__ = ("_arrivals_s", "frames")

    def __init__(self) -> None:
        self.frames: deque[bytes] = deque()
        self._arrivals_s: deque[float] = deque()

    def __len__(self) -> int:
        return len(self.frames)

    def put(self, payloads: list[bytes], now_s: float) -> None:
        """Append payloads that came now."""
        if len(payloads) == 1:
            self.frames.append(payloads[0])
            self._arrivals_s.append(now_s)
        else:
            self.frames.extend(payloads)
            self._arrivals_s.extend(repeat(now_s, len(payloads)))

    def taken(self, number: int) -> None:
        """So many were taken from the left of `frames`."""
        arrivals_s = self._arrivals_s
        if not self.frames:
            arrivals_s.clear()
            return
        for _ in range(number):
            arrivals_s.popleft()

    def is_late(self, horizon_s: float) -> bool:
        """Whether the oldest came before the horizon."""
        arrivals_s = self._arrivals_s
        return bool(arrivals_s) and arrivals_s[0] < horizon_s

    def oldest_s(self, now_s: float) -> float:
        """When the oldest came; `now_s` where nothing waits."""
        return self._arrivals_s[0] if self._arrivals_s else now_s

    def sift(self, horizon_s: float, limit: int, refuse: Callable[[bytes], bool]) -> int:
        """Offer those that came before the horizon to `refuse`, at most `limit`; it says whether it did.

        The others keep their places. Returns how many were looked at.
        """
        kept: list[tuple[bytes, float]] = []
        looked_at = 0
        while looked_at < limit and self.is_late(horizon_s):
            looked_at += 1
            payload, arrival_s = self.frames.popleft(), self._arrivals_s.popleft()
            if not refuse(payload):
                kept.append((payload, arrival_s))
        for payload, arrival_s in reversed(kept):
            self.frames.appendleft(payload)
            self._arrivals_s.appendleft(arrival_s)
        return looked_at

    def clear(self) -> None:
        """Drop everything."""
        self.frames.clear()
        self._arrivals_s.clear()
