"""Requests that aren't answered yet: by ticket and by identity, and when each has waited long enough."""

import heapq
from itertools import count

from switch.gate.forwarding import Answer
from switch.upstream.memory import LocalKey
from switch.upstream.questions import OpenRequest

# Repeats that may wait beside their original; of more the newest are kept.
WAITERS_MAX = 4


class OpenRequests:
    """Bounded by who begins them. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._tickets = count(1)
        self._open: dict[int, OpenRequest] = {}
        self._by_key: dict[LocalKey, int] = {}
        self._ends: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._open)

    def __getitem__(self, ticket: int) -> OpenRequest:
        return self._open[ticket]

    @property
    def wake_s(self) -> float:
        """When the next one has waited long enough; infinite for never."""
        return self._ends[0][0] if self._ends else float("inf")

    def get(self, ticket: int) -> OpenRequest | None:
        """A request, unless it is answered."""
        return self._open.get(ticket)

    def ticket_of(self, key: LocalKey) -> int | None:
        """The open request of an identity here."""
        return self._by_key.get(key)

    def begin(self, request: OpenRequest) -> int:
        """Its ticket. What isn't kept has no identity and no end of its own."""
        ticket = next(self._tickets)
        self._open[ticket] = request
        if request.is_kept:
            self._by_key[request.key] = ticket
            self.end_at(request.deadline_s, ticket)
        return ticket

    def wait_too(self, ticket: int, answer: Answer, end_s: float) -> list[Answer]:
        """A repeat waits for the same reply, until its own end; returns who must make room for it."""
        waiters = self._open[ticket].waiters
        waiters.append(answer)
        self.end_at(end_s, ticket)
        dropped = waiters[:-WAITERS_MAX]
        del waiters[:-WAITERS_MAX]
        return dropped

    def end_at(self, end_s: float, ticket: int) -> None:
        """Look at a request then."""
        heapq.heappush(self._ends, (end_s, ticket))
        if len(self._ends) > 4 * (WAITERS_MAX + 1) * (len(self._open) + 64):
            # Of answered requests; a few may be twice here, which does no harm.
            self._ends = [end for end in self._ends if end[1] in self._open]
            heapq.heapify(self._ends)

    def ended(self, now_s: float) -> list[int]:
        """Open requests that have waited long enough. Each is told once."""
        found = []
        while self._ends and self._ends[0][0] <= now_s:
            ticket = heapq.heappop(self._ends)[1]
            if ticket in self._open:
                found.append(ticket)
        return found

    def close(self, ticket: int) -> OpenRequest:
        """It is answered."""
        request = self._open.pop(ticket)
        if request.is_kept:
            del self._by_key[request.key]
        return request
