"""The ring of the last day: reload, restart, torn records, other versions."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.console.frame import Frame
from switch.console.history import SECONDS, History
from switch.console.stretch import point_of
from tests.amounts import many

NOW_S = 1_790_000_000
HEAD_BYTES = 4096
RECORD_BYTES = 8 * len(Frame._fields) + 8


def frame(second: int, approved: int = 7) -> Frame:
    return Frame(at_ms=second * 1000 + 17, approved=approved, disk_free_bytes=1 << 50)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history"


def test_what_was_kept_is_there_after_a_restart(path: Path) -> None:
    history = History(path)
    frames = [frame(NOW_S + number, number) for number in range(5)]
    for each in frames:
        history.put(each)
    history.close()
    again = History(path)
    assert list(again.since(NOW_S - 100, NOW_S + 100)) == frames
    assert list(again.since(NOW_S + 1, NOW_S + 3)) == frames[1:3]


def test_a_second_takes_the_place_of_the_one_a_day_before(path: Path) -> None:
    history = History(path)
    history.put(frame(NOW_S, 1))
    history.put(frame(NOW_S + 1, 2))
    history.put(frame(NOW_S + SECONDS, 3))
    assert [each.approved for each in history.since(NOW_S, NOW_S + SECONDS + 1)] == [2, 3]


def test_a_gap_stays_a_gap(path: Path) -> None:
    history = History(path)
    history.put(frame(NOW_S))
    history.put(frame(NOW_S + 60))
    assert [each.at_ms // 1000 - NOW_S for each in history.since(NOW_S, NOW_S + 3600)] == [0, 60]


@settings(deadline=None, max_examples=many(30))
@given(st.integers(0, 30 * 8 - 1), st.integers(1, 255))
def test_a_torn_record_does_not_count(tmp_path_factory: pytest.TempPathFactory, byte: int, flip: int) -> None:
    path = tmp_path_factory.mktemp("ring") / "history"
    history = History(path)
    history.put(frame(NOW_S))
    history.put(frame(NOW_S + 1))
    history.close()
    with path.open("r+b") as file:
        file.seek(HEAD_BYTES + NOW_S % SECONDS * RECORD_BYTES + byte)
        (before,) = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([before ^ flip]))
    again = History(path)
    found = list(again.since(NOW_S, NOW_S + 2))
    again.close()
    path.unlink()
    assert found in ([frame(NOW_S + 1)], [frame(NOW_S), frame(NOW_S + 1)])


@pytest.mark.parametrize(
    "content", [b"", b"something else", os.urandom(5000)], ids=["empty", "text", "noise"]
)
def test_another_file_is_begun_anew(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    history = History(path)
    assert list(history.since(NOW_S - SECONDS, NOW_S)) == []
    history.put(frame(NOW_S - 1))
    assert list(history.since(NOW_S - SECONDS, NOW_S)) == [frame(NOW_S - 1)]


def test_a_stretch_is_read_across_the_end_of_the_ring(path: Path) -> None:
    history = History(path)
    turn_s = NOW_S // SECONDS * SECONDS
    frames = [frame(turn_s + number) for number in range(-3, 3)]
    for each in frames:
        history.put(each)
    assert list(history.since(turn_s - 50, turn_s + 50)) == frames


def test_it_takes_room_only_for_what_it_has(path: Path) -> None:
    history = History(path)
    history.put(frame(NOW_S))
    assert path.stat().st_blocks * 512 < 100_000 < path.stat().st_size


def test_a_point_hides_no_peak() -> None:
    frames = [
        Frame(at_ms=1000, approved=10, request_p99_us=9000, position=5, queued=0),
        Frame(at_ms=2000, approved=21, request_p99_us=100, position=8, queued=70),
    ]
    numbers = dict(zip(Frame._fields, json.loads(point_of(frames)), strict=True))
    shown = [numbers[name] for name in ("at_ms", "approved", "request_p99_us", "position", "queued")]
    assert shown == [2000, 16, 9000, 8, 70]
