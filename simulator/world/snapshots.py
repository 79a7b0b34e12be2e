"""Snapshots of a simulated world's journal: made now and then, and what a start goes on from."""

from collections.abc import Callable
from random import Random

from simulator.world.chronicle import Chronicle
from simulator.world.disk import SimulatedDisk
from simulator.world.disk_calls import DIRECTORY, DiskCalls
from switch.journal.reader import Beginning, JournalScan, SparseIndex
from switch.ledger.records import TerminalRecord
from switch.ledger.state import State
from switch.snapshot.files import newest_image
from switch.snapshot.making import make_snapshot

_MADE_ONCE_IN = 40


class Snapshots:
    """Makes an image about once in 40 times that it is asked, on a disk that may fail or halt in it."""

    def __init__(
        self, random: Random, disk: SimulatedDisk, chronicle: Chronicle, epoch_ms: Callable[[], int]
    ) -> None:
        self._random = random
        self._disk = disk
        self._chronicle = chronicle
        self._epoch_ms = epoch_ms

    def perhaps_make(self) -> None:
        """Make an image, if it is time for one. Raises Halted."""
        if self._random.randrange(_MADE_ONCE_IN):
            return
        try:
            made = make_snapshot(DIRECTORY, self._epoch_ms(), DiskCalls(self._disk))
        except OSError as error:
            self._chronicle.tell(f"no snapshot was made: {error.strerror}")
        else:
            if made is not None:
                self._chronicle.tell(f"snapshot at position {made.position}")

    def begin(self, host: TerminalRecord, index: SparseIndex) -> tuple[State, Beginning]:
        """The state of the newest image, or an empty one, and where the journal goes on from it."""
        image = newest_image(DIRECTORY, host, system=DiskCalls(self._disk))
        if image is None:
            return State(host), Beginning()
        for point in image.points:
            index.note(*point)
        self._chronicle.tell(f"switch begins with the snapshot at position {image.header.position}")
        return image.state, Beginning(image.header.position + 1, image.header.chain_hash)

    def compare(self, host: TerminalRecord, state: State) -> None:
        """Hold a state that began with an image against that of the whole journal."""
        whole = State(host)
        for batch in JournalScan(DIRECTORY, system=DiskCalls(self._disk)).run():
            for raw in batch.entries:
                whole.replay(raw)
        if whole.digest() != state.digest():
            self._chronicle.violate("a snapshot and what is behind it are another state than the journal")
