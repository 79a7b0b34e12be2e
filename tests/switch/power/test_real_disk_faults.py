"""Real file systems that are full or broken: the switch stops answering at once and goes on later."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from switch.journal.verify import verify
from tests.switch.customers import Crowd
from tests.switch.failed_switch import assert_failed
from tests.switch.power.conftest import mounted, mounted_disk, mounted_image
from tests.switch.power.logged_disk import LoggedDisk
from tests.switch.power.serving import switch_on

if TYPE_CHECKING:
    from tests.switch.conftest import Balances, Connect, SwitchAt

SEGMENT_BYTES = 65_536
# For the journal, beside what fills the rest.
LEFT_BYTES = 400_000


@pytest.fixture(params=["tmpfs", "ext4"])
def small_files(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Path]:
    """A directory on a small file system."""
    if request.param == "tmpfs":
        with mounted("-t", "tmpfs", "-o", "size=4m", "small", scratch / "small") as files:
            yield files
    else:
        image: bytes = request.getfixturevalue("ext4_image")
        with mounted_image(image, scratch / "small") as files:
            yield files


def fill(files: Path) -> Path:
    """Leave no more room than a while's traffic needs; gives the file to remove."""
    ballast = files / "ballast"
    room = os.statvfs(files)
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    os.posix_fallocate(descriptor, 0, room.f_bavail * room.f_frsize - LEFT_BYTES)
    os.close(descriptor)
    return ballast


def test_a_full_disk(small_files: Path, switch_at: SwitchAt, connect: Connect, balances: Balances) -> None:
    with switch_on(small_files, switch_at) as process:
        process.start(segment_bytes=SEGMENT_BYTES, failure_shown_s=600)
        crowd = Crowd(2)
        crowd.furnish(process, connect)
        ballast = fill(small_files)
        crowd.enter(process, connect)
        crowd.wait_for_answers()
        crowd.leave()
        answered = len(crowd.answered)
        assert answered
        assert_failed(process, os.strerror(errno.ENOSPC))
        assert verify(process.journal).ok
        ballast.unlink()
        process.start(segment_bytes=SEGMENT_BYTES)
        assert process.get("/health/ready")[0] == 200
        assert crowd.settle(process, connect, balances) > answered
        assert process.stop() == 0


def test_a_disk_that_breaks_and_is_replaced(
    ext4_image: bytes, scratch: Path, switch_at: SwitchAt, connect: Connect, balances: Balances
) -> None:
    """The kernel gets I/O errors from the device; another disk has what was flushed before."""
    disk = LoggedDisk(ext4_image)
    crowd = Crowd(2)
    with mounted_disk(disk, scratch / "breaks") as files, switch_on(files, switch_at) as process:
        process.start(segment_bytes=SEGMENT_BYTES, failure_shown_s=600)
        crowd.furnish(process, connect)
        crowd.enter(process, connect)
        crowd.wait_for_answers(20)
        disk.is_broken = True
        crowd.leave()
        assert_failed(process, os.strerror(errno.EIO))
    answered = len(crowd.answered)
    image = disk.image_at(len(disk.events), Random(1))
    with mounted_image(image, scratch / "replaced") as files, switch_on(files, switch_at) as process:
        process.start(segment_bytes=SEGMENT_BYTES)
        assert crowd.settle(process, connect, balances) > answered
        assert process.stop() == 0
        assert verify(process.journal).ok
