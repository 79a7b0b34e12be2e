"""Power cuts under a switch on a real ext4: at any moment, with any of what was not flushed."""

from __future__ import annotations

import random
from bisect import bisect_right
from contextlib import closing
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from protocol.message import Message
from switch.journal.format import RawEntry, pack_entry
from switch.journal.reader import JournalScan
from switch.journal.verify import verify
from switch.journal.writer import Journal
from switch.keyring import Keyring
from tests.switch.customers import Crowd, Customer
from tests.switch.power.conftest import mounted_disk, mounted_image
from tests.switch.power.logged_disk import LoggedDisk
from tests.switch.power.serving import switch_on

if TYPE_CHECKING:
    from tests.switch.conftest import Balances, Connect, Link, SwitchAt

MASTER_KEY = bytes(range(32))
RESTARTS = 3
ANSWERS = 80
# Small, so that many cuts come within the change of a segment.
SEGMENT_BYTES = 24_576
KEY_CHECK = Keyring(MASTER_KEY).key_check


class Timed(Customer):
    """Notes how much the disk had been asked when an answer came."""

    def __init__(
        self, link: Link, terminal_id: str, stan: int, owed: list[Message], disk: LoggedDisk
    ) -> None:
        super().__init__(link, terminal_id, stan, owed)
        self._disk = disk
        self.moments: list[tuple[int, int]] = []

    def take(self, reply: Message) -> None:
        self.moments.append((len(self._disk.events), int(reply.text(37))))
        super().take(reply)


class TimedCrowd(Crowd):
    """Customers at a switch on a disk."""

    def __init__(self, tills: int, disk: LoggedDisk) -> None:
        super().__init__(tills)
        self._disk = disk

    def customer(self, link: Link, name: str, stan: int) -> Customer:
        return Timed(link, name, stan, self.owed[name], self._disk)


class Life(NamedTuple):
    """What a switch did on a disk: its journal, and what it had answered by when (events of the disk)."""

    disk: LoggedDisk
    entries: list[RawEntry]
    answers: list[tuple[int, int]]
    crowd: Crowd

    def answered_by(self, moment: int) -> int:
        """The last position that a customer had heard of."""
        before = self.answers[: bisect_right(self.answers, moment, key=lambda answer: answer[0])]
        return max((position for _, position in before), default=0)


@pytest.fixture
def life(ext4_image: bytes, scratch: Path, switch_at: SwitchAt, connect: Connect) -> Life:
    """A switch serves two tills on a logged disk until it is killed."""
    disk = LoggedDisk(ext4_image)
    with mounted_disk(disk, scratch / "life") as files, switch_on(files, switch_at) as process:
        process.start(segment_bytes=SEGMENT_BYTES)
        crowd = TimedCrowd(2, disk)
        crowd.furnish(process, connect)
        crowd.enter(process, connect)
        crowd.wait_for_answers(ANSWERS)
        process.kill()
        crowd.leave()
        entries = [entry for batch in JournalScan(process.journal).run() for entry in batch.entries]
        assert verify(process.journal).segments > 3
    answers = [
        moment for customer in crowd.customers if isinstance(customer, Timed) for moment in customer.moments
    ]
    return Life(disk, entries, sorted(answers), crowd)


def test_whatever_was_answered_is_there_after_a_power_cut(life: Life, scratch: Path) -> None:
    """Cut behind each thing that the disk was asked: there is the journal of that life up to some position,
    and it goes on from there."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = Random(seed)
    torn = lost = 0
    for moment in range(len(life.disk.events) + 1):
        with mounted_image(life.disk.image_at(moment, chance), scratch / "cut") as files:
            found: list[RawEntry] = []
            journal = Journal.open(
                files / "journal",
                key_check=KEY_CHECK,
                segment_bytes=SEGMENT_BYTES,
                now_ms=1,
                on_entry=found.append,
            )
            with closing(journal):
                assert found == life.entries[: len(found)], moment
                assert len(found) >= life.answered_by(moment), moment
                torn += journal.torn is not None
                lost += len(found) < len(life.entries)
                journal.commit([pack_entry(7, 1, b"next")], now_ms=1)
            report = verify(files / "journal")
            assert (report.ok, report.entries, report.torn_bytes) == (True, len(found) + 1, 0)
    print(f"{len(life.disk.events)} cuts, {lost} with less than everything, {torn} with a torn batch")
    assert lost > len(life.disk.events) // 2


def test_a_switch_goes_on_after_a_power_cut(
    life: Life, scratch: Path, switch_at: SwitchAt, connect: Connect, balances: Balances
) -> None:
    """All is sent again: what was answered before is answered alike, and everything counts once."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = Random(seed)
    told = dict(life.crowd.answered)
    sent = {customer.terminal_id: customer.sent for customer in life.crowd.customers}
    first = next(moment for moment, _ in life.answers)
    for moment in sorted(chance.sample(range(first, len(life.disk.events)), RESTARTS)):
        with (
            mounted_image(life.disk.image_at(moment, chance), scratch / "cut") as files,
            switch_on(files, switch_at, f"after {moment}") as process,
        ):
            process.start(segment_bytes=SEGMENT_BYTES)
            crowd = Crowd(len(sent))
            crowd.owed = {name: list(messages) for name, messages in sent.items()}
            crowd.settle(process, connect, balances)
            heard_of = life.answered_by(moment)
            kept = [key for key, reply in told.items() if int(reply.text(37)) <= heard_of]
            assert kept
            assert all(crowd.answered[key].fields == told[key].fields for key in kept)
            assert process.stop() == 0
