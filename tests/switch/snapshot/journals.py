"""Journals of a small club on real files, in small segments."""

from pathlib import Path

from switch.journal.entries import NO_GRANT, Reason
from switch.journal.format import KEY_CHECK_BYTES, RawEntry, pack_entry, segment_paths
from switch.journal.reader import Beginning, SparseIndex
from switch.journal.writer import Journal
from switch.ledger.state import State
from switch.snapshot.files import newest_image
from tests.switch.journal.small import UNSYNCED
from tests.switch.ledger.book import HOST, LIABILITY, MEMBER, Book, day

KEY_CHECK = bytes(KEY_CHECK_BYTES)
SEGMENT_BYTES = 4096
BATCH_ENTRIES = 3
DAY_MS = 86_400_000


class Trade:
    """A book whose entries go into a journal, at most three a batch. `now_ms` is the writer's clock."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.book = Book()
        self.now_ms = 1_780_000_000_000
        self._written = 0
        self.journal = Journal.open(
            directory,
            key_check=KEY_CHECK,
            segment_bytes=SEGMENT_BYTES,
            now_ms=self.now_ms,
            on_entry=lambda raw: None,
            system=UNSYNCED,
        )

    @property
    def segments(self) -> list[Path]:
        """What the journal has."""
        return segment_paths(self.directory)

    def go_on(self, segments: int = 1) -> None:
        """Sell until so many segments more are full."""
        count = len(self.segments) + segments
        while len(self.segments) < count:
            self.sell()

    def sell(self) -> None:
        """A batch of sales."""
        for _ in range(BATCH_ENTRIES):
            self.book.now_s += 60
            self.book.transact(
                lambda posting: posting.earn(
                    LIABILITY,
                    MEMBER,
                    1,
                    Reason.ADJUST,
                    NO_GRANT,
                    0,
                    day((self.book.now_s - day(0)) // 86_400 + 30),
                ),
                activity=True,
                member_number=11,
            )
        new = self.book.journal[self._written :]
        self._written = len(self.book.journal)
        self.journal.commit([pack_entry(raw.kind, raw.version, raw.body) for raw in new], self.now_ms)


def recover(directory: Path) -> tuple[State, list[int], SparseIndex]:
    """State, positions that were read behind the image, and index, as a switch gets them that starts."""
    state = State(HOST)
    read: list[int] = []

    def begin(index: SparseIndex) -> Beginning:
        nonlocal state
        image = newest_image(directory, HOST)
        if image is None:
            return Beginning()
        state = image.state
        for point in image.points:
            index.note(*point)
        return Beginning(image.header.position + 1, image.header.chain_hash)

    def take(raw: RawEntry) -> None:
        state.replay(raw)
        read.append(raw.position)

    journal = Journal.open(
        directory,
        key_check=KEY_CHECK,
        segment_bytes=SEGMENT_BYTES,
        now_ms=1,
        on_entry=take,
        on_lock=begin,
        system=UNSYNCED,
    )
    journal.close()
    return state, read, journal.index
