"""What a terminal's requests came to: the window in which a repeat finds its stored outcome.

A request's identity is terminal, transmission time and STAN. Within a terminal it is one integer, its key,
which grows with time: seconds since the epoch, then the STAN.
"""

import hashlib
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from switch.ledger.flat.requests import FlatWindow

# A terminal that repeats a request has sent far fewer than this many since. Part of the journal's meaning:
# replay must forget exactly what the live path forgot.
REMEMBERED_REQUESTS = 4096

_STANS = 1_000_000
# Forgotten places are taken out of the columns so many at a time.
_CLEARED_PLACES = 256


def request_key(transmitted_s: int, stan: int) -> int:
    """Key of a request among those of its terminal."""
    return transmitted_s * _STANS + stan


def is_known(window: "RequestWindow | FlatWindow", key: int) -> bool:
    """Whether a request was decided or taken back before, or may have been."""
    return window.find(key) is not None or window.undone_by(key) is not None or window.is_forgotten(key)


class WindowContent(NamedTuple):
    """What a window holds: keys, ascending, and beside them positions shifted left by one with the bit of
    those that are counted; keys that a reversal named, ascending, and its positions."""

    floor: int
    keys: "array[int]"
    places: "array[int]"
    undone_keys: "array[int]"
    undone_positions: "array[int]"


class RequestWindow:
    """The newest requests of one terminal, at most `REMEMBERED_REQUESTS`, and where their entries stand.

    The oldest are forgotten first, and `floor` is the greatest forgotten key. A key that isn't known and lies
    at or below the floor may have been one of them, so it must not be decided again.

    Sixteen bytes a request: keys lie sorted in one column, beside them positions, each with a bit that tells
    whether its business day counted the request. Position 0 is that of a request which only a reversal named.
    """

    __slots__ = ("_first", "_keys", "_places", "_undone", "floor")

    def __init__(self) -> None:
        self.floor = 0
        self._keys = array("Q")
        self._places = array("Q")
        # Places before this one are forgotten.
        self._first = 0
        self._undone: dict[int, int] = {}

    def find(self, key: int) -> int | None:
        """Position of a request's entry, if the request is remembered."""
        return self._place(key) >> 1 or None

    def is_counted(self, key: int) -> bool:
        """Whether a remembered request is in the totals of its business day."""
        return self._place(key) & 1 == 1

    def undone_by(self, key: int) -> int | None:
        """Position of the reversal that named this request, known or not, if there is one."""
        return self._undone.get(key)

    def is_forgotten(self, key: int) -> bool:
        """Whether a key that isn't known may once have been."""
        return key <= self.floor

    def remember(self, key: int, position: int, *, is_counted: bool = False) -> None:
        """Store where a request's outcome stands in the journal."""
        self._put(key, position << 1 | is_counted)

    def undo(self, key: int, position: int) -> None:
        """Note that a reversal named this request. Where the request isn't known this is its tombstone."""
        if key not in self._undone:
            self._undone[key] = position
            if not self._place(key):
                self._put(key, 0)

    def content(self) -> WindowContent:
        """All that the window holds."""
        undone = sorted(self._undone.items())
        return WindowContent(
            self.floor,
            self._keys[self._first :],
            self._places[self._first :],
            array("Q", [key for key, _ in undone]),
            array("Q", [position for _, position in undone]),
        )

    def restore(self, content: WindowContent) -> None:
        """Take over what a window held, into an empty one."""
        self.floor = content.floor
        self._keys.extend(array("Q", content.keys))
        self._places.extend(array("Q", content.places))
        self._undone.update(zip(content.undone_keys, content.undone_positions, strict=True))

    def digest(self) -> bytes:
        """Hash over everything that decides later requests."""
        found = hashlib.sha256(self.floor.to_bytes(16, "big"))
        for key, place in zip(self._keys[self._first :], self._places[self._first :], strict=True):
            found.update(b"%d:%d;" % (key, place))
        for key, position in sorted(self._undone.items()):
            found.update(b"undone %d:%d;" % (key, position))
        return found.digest()

    def _place(self, key: int) -> int:
        keys = self._keys
        if not keys or key > keys[-1]:
            return 0
        index = bisect_left(keys, key, self._first)
        return self._places[index] if keys[index] == key else 0

    def _put(self, key: int, place: int) -> None:
        keys = self._keys
        if not keys or key > keys[-1]:
            keys.append(key)
            self._places.append(place)
        else:
            index = bisect_left(keys, key, self._first)
            if keys[index] == key:
                self._places[index] = place
                return
            keys.insert(index, key)
            self._places.insert(index, place)
        if len(keys) - self._first > REMEMBERED_REQUESTS:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        forgotten = self._keys[self._first]
        self._undone.pop(forgotten, None)
        self.floor = max(self.floor, forgotten)
        self._first += 1
        if self._first == _CLEARED_PLACES:
            del self._keys[: self._first], self._places[: self._first]
            self._first = 0
