"""What a terminal's requests came to: the window in which a repeat finds its stored outcome.

A request's identity is terminal, transmission time and STAN. Within a terminal it is one integer, its key,
which grows with time: seconds since the epoch, then the STAN.
"""

import hashlib
import heapq

from switch.journal.format import RawEntry

# A terminal that repeats a request has sent far fewer than this many since. Part of the journal's meaning:
# replay must forget exactly what the live path forgot.
REMEMBERED_REQUESTS = 4096

_STANS = 1_000_000


def request_key(transmitted_s: int, stan: int) -> int:
    """Key of a request among those of its terminal."""
    return transmitted_s * _STANS + stan


class RequestWindow:
    """The newest requests of one terminal, at most `REMEMBERED_REQUESTS`, as stored: unpacked when asked for.

    The oldest are forgotten first, and `floor` is the greatest forgotten key. A key that isn't known and lies
    at or below the floor may have been one of them, so it must not be decided again.
    """

    __slots__ = ("_heap", "_known", "_undone", "floor")

    def __init__(self) -> None:
        self.floor = 0
        self._known: dict[int, RawEntry] = {}
        self._undone: dict[int, int] = {}
        self._heap: list[int] = []

    def find(self, key: int) -> RawEntry | None:
        """The stored outcome of a request, if it is remembered."""
        return self._known.get(key)

    def undone_by(self, key: int) -> int | None:
        """Position of the reversal that named this request, known or not, if there is one."""
        return self._undone.get(key)

    def is_forgotten(self, key: int) -> bool:
        """Whether a key that isn't known may once have been."""
        return key <= self.floor

    def remember(self, key: int, request: RawEntry) -> None:
        """Store a request's outcome."""
        self._known[key] = request
        self._track(key)

    def undo(self, key: int, position: int) -> None:
        """Note that a reversal named this request. Where the request isn't known this is its tombstone."""
        if key not in self._undone:
            self._undone[key] = position
            if key not in self._known:
                self._track(key)

    def digest(self) -> bytes:
        """Hash over everything that decides later requests."""
        found = hashlib.sha256(self.floor.to_bytes(16, "big"))
        for key, request in sorted(self._known.items()):
            found.update(b"%d:%d:%d:%d;" % (key, request.position, request.kind, request.version))
            found.update(request.body)
        for key, position in sorted(self._undone.items()):
            found.update(b"undone %d:%d;" % (key, position))
        return found.digest()

    def _track(self, key: int) -> None:
        heapq.heappush(self._heap, key)
        if len(self._heap) > REMEMBERED_REQUESTS:
            forgotten = heapq.heappop(self._heap)
            self._known.pop(forgotten, None)
            self._undone.pop(forgotten, None)
            self.floor = max(self.floor, forgotten)
