"""A real switch has snapshots made while it serves, and starts from them after `kill -9`."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from switch.journal.format import (
    SEGMENT_HEADER_BYTES,
    pack_segment_header,
    segment_paths,
    unpack_segment_header,
)
from switch.journal.verify import verify
from switch.snapshot.files import snapshot_paths
from switch.snapshot.making import make_snapshot
from switch.snapshot.reading import recovered_state, verify_kept
from tests.switch.conftest import FEED_TOKEN
from tests.switch.customers import Crowd

if TYPE_CHECKING:
    from tests.switch.conftest import Balances, Connect, SwitchAt, SwitchProcess

SEGMENT_BYTES = 32_768
TILLS = 3
# A segment is full after a second; a snapshot's own process needs the time more.
PAUSE_S = 0.01
WAIT_S = 60.0


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def images(process: SwitchProcess) -> list[int]:
    return [int(path.stem) for path in snapshot_paths(process.journal)]


def logged(process: SwitchProcess, text: str) -> int:
    return process.log.read_text().count(text)


def has_begun(process: SwitchProcess, count: int = 1) -> bool:
    return logged(process, "begins: entries") >= count


def serve_until(crowd: Crowd, condition: Callable[[], bool], what: str) -> None:
    """Go on buying; everybody is answered meanwhile."""

    def served() -> bool:
        crowd.wait_for_answers()
        return condition()

    wait_until(served, what)


def test_a_snapshot_is_made_amid_traffic_and_the_next_start_begins_there(
    switch_at: SwitchAt, connect: Connect, balances: Balances
) -> None:
    process = switch_at().start(segment_bytes=SEGMENT_BYTES, snapshot_segments=2)
    crowd = Crowd(TILLS, PAUSE_S)
    crowd.furnish(process, connect)
    crowd.enter(process, connect)
    serve_until(crowd, lambda: bool(images(process)), "no snapshot was made")
    process.kill()
    crowd.leave()
    positions = images(process)
    process.start(segment_bytes=SEGMENT_BYTES, snapshot_segments=2)
    assert logged(process, f"recovered from the snapshot at position {positions[-1]}") == 1
    status = process.status()
    assert crowd.settle(process, connect, balances) > TILLS
    assert status["position"] > positions[-1]
    state = recovered_state(process.journal)
    # The same from the first entry on.
    for path in snapshot_paths(process.journal):
        path.rename(path.with_suffix(".away"))
    assert recovered_state(process.journal).digest() == state.digest()
    assert process.stop() == 0
    assert verify(process.journal).ok


def test_kill_while_a_snapshot_is_made(switch_at: SwitchAt, connect: Connect, balances: Balances) -> None:
    process = switch_at().start(segment_bytes=SEGMENT_BYTES, snapshot_segments=1)
    crowd = Crowd(TILLS, PAUSE_S)
    crowd.furnish(process, connect)
    for count in range(1, 4):
        crowd.enter(process, connect)
        serve_until(crowd, partial(has_begun, process, count), "none began")
        process.kill()
        crowd.leave()
        process.start(segment_bytes=SEGMENT_BYTES, snapshot_segments=1)
    crowd.settle(process, connect, balances)
    assert process.stop() == 0
    assert verify_kept(process.journal).ok
    assert "ERROR" not in process.log.read_text()


def test_a_damaged_snapshot_costs_time_only(
    switch_at: SwitchAt, connect: Connect, balances: Balances
) -> None:
    process = switch_at().start(segment_bytes=SEGMENT_BYTES, snapshot_segments=0)
    crowd = Crowd(TILLS, PAUSE_S)
    crowd.furnish(process, connect)
    crowd.enter(process, connect)
    serve_until(crowd, lambda: len(segment_paths(process.journal)) > 2, "no segment is full")
    make_snapshot(process.journal, 1)
    process.kill()
    crowd.leave()
    (path,) = snapshot_paths(process.journal)
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    process.start(segment_bytes=SEGMENT_BYTES, snapshot_segments=0)
    assert images(process) == []
    assert logged(process, "damaged or cut off; set aside as damaged") == 1
    assert logged(process, "recovered from the snapshot") == 0
    crowd.settle(process, connect, balances)
    assert process.stop() == 0


def test_old_segments_go_and_the_switch_goes_on(switch_at: SwitchAt, connect: Connect) -> None:
    process = switch_at().start(segment_bytes=SEGMENT_BYTES, snapshot_segments=0)
    crowd = Crowd(TILLS, PAUSE_S)
    crowd.furnish(process, connect)
    crowd.enter(process, connect)
    serve_until(crowd, lambda: len(segment_paths(process.journal)) > 4, "no segment is full")
    process.kill()
    crowd.leave()
    make_snapshot(process.journal, 1)
    (covered,) = images(process)
    for path in segment_paths(process.journal):
        begin_long_ago(path)
    process.start(segment_bytes=SEGMENT_BYTES, snapshot_segments=1, journal_days=1)
    crowd.enter(process, connect)
    serve_until(crowd, lambda: logged(process, "segments removed") > 0, "no segment was removed")
    kept = int(segment_paths(process.journal)[0].stem)
    # What is younger than a day stays, and so does what the older image does not have.
    assert kept == covered + 1
    assert len(images(process)) == 2
    assert logged(process, f"the journal begins with entry {kept}") == 1
    code, body = process.get("/feed?after=0", FEED_TOKEN)
    assert code == 410
    assert f'"first_position":{kept}' in body.decode()
    assert process.feed(after=kept - 1, limit=1)[0]["position"] == kept
    process.kill()
    crowd.leave()
    process.start(segment_bytes=SEGMENT_BYTES, snapshot_segments=0)
    crowd.enter(process, connect)
    crowd.wait_for_answers()
    assert process.get("/feed?after=0", FEED_TOKEN)[0] == 410
    assert process.stop() == 0
    crowd.leave()
    report = verify_kept(process.journal)
    assert (report.ok, report.first_position) == (True, kept)


def test_the_switch_does_not_wait_for_a_snapshot_to_end(switch_at: SwitchAt, connect: Connect) -> None:
    """It ends at once, and leaves nothing half made."""
    process = switch_at().start(segment_bytes=SEGMENT_BYTES, snapshot_segments=1)
    crowd = Crowd(TILLS, PAUSE_S)
    crowd.furnish(process, connect)
    crowd.enter(process, connect)
    serve_until(crowd, lambda: has_begun(process), "none began")
    assert process.stop() == 0
    crowd.leave()
    assert not list(process.journal.glob("*.unfinished"))


def begin_long_ago(path: Path) -> None:
    """Have a segment say that it was made in 1970; the chain has no times."""
    data = path.read_bytes()
    header = unpack_segment_header(data, path)._replace(created_ms=1)
    path.write_bytes(pack_segment_header(header) + data[SEGMENT_HEADER_BYTES:])
