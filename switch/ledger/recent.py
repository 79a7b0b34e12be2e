"""The newest entries as they are in the journal, for whoever must look back a little."""

from array import array

from switch.journal.format import RawEntry

_KIND_BITS = 8


def form_of(kind: int, version: int) -> int:
    """Kind and version of an entry as the ring keeps them."""
    return kind << _KIND_BITS | version


class RecentEntries:
    """A ring of so many entries.

    Bodies alone are objects, and such as the garbage collector never looks at: it would look at all of them
    each time. The columns are for the compiled core too.
    """

    __slots__ = ("bodies", "forms", "positions", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.positions = array("Q", bytes(8 * size))
        self.forms = array("H", bytes(2 * size))
        self.bodies: list[bytes] = [b""] * size

    def put(self, position: int, kind: int, version: int, body: bytes) -> None:
        """Keep an entry in the place of the one `size` positions before it."""
        place = position % self.size
        self.positions[place] = position
        self.forms[place] = form_of(kind, version)
        self.bodies[place] = body

    def find(self, position: int) -> RawEntry | None:
        """The entry at a position from 1 on, None where it isn't kept any more."""
        place = position % self.size
        if self.positions[place] != position:
            return None
        form = self.forms[place]
        return RawEntry(position, form >> _KIND_BITS, form & (1 << _KIND_BITS) - 1, self.bodies[place])
