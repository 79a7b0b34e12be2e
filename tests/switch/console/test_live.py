"""Frames of a switch's numbers: what they say is what was counted, for one viewer, many or none."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from switch.console.frame import Frame, FrameMaker
from switch.console.history import History
from switch.console.live import VIEWERS_MAX, Live, TooManyViewers
from switch.metrics.catalogue import Metric
from switch.metrics.labels import Step
from switch.metrics.store import Metrics

SECOND_NS = 1_000_000_000


class Clock:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def events_of(content: bytes) -> Iterator[tuple[str, dict[str, object]]]:
    """Name and content of the events that were sent."""
    for event in content.decode().split("\n\n")[:-1]:
        lines = dict(line.split(": ", 1) for line in event.split("\n"))
        yield lines["event"], json.loads(lines["data"])


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    found = History(tmp_path / "history")
    yield found
    found.close()


def test_a_frame_tells_what_has_happened_since_the_one_before() -> None:
    clock = Clock()
    metrics = Metrics(clock)
    metrics.watch(
        lambda: {Metric.QUEUED_REQUESTS: 3, Metric.CONNECTIONS: {("a", "open"): 2, ("b", "open"): 5}}
    )
    for _ in range(7):
        metrics.answered("0200", "000000", "00")
    maker = FrameMaker(metrics)
    for _ in range(40):
        metrics.answered("0200", "000000", "00")
    for _ in range(10):
        metrics.answered("0200", "000000", "51")
    metrics.answered("0400", "000000", "00")
    metrics.duplicates += 6
    metrics.committed(2_000_000, 1_000_000, 12)
    metrics.steps[Step.REQUEST].record(5_000_000, 99)
    metrics.steps[Step.REQUEST].record(80_000_000)
    clock.now_ns += 2 * SECOND_NS
    told = maker.make(1_790_000_000_000)
    frame = told.frame
    assert (frame.approved, frame.declined, frame.reversals, frame.repeats) == (21, 5, 1, 3)
    assert told.answers[("purchase", "51")] == 10
    assert 4_900 <= frame.request_p50_us <= 5_200 and 4_900 <= frame.request_p99_us <= 5_200
    assert 79_000 <= frame.request_p999_us <= 83_000
    assert 990 <= frame.sync_p99_us <= 1_040
    assert (frame.queued, frame.connections, frame.commit_entries_p50) == (3, 7, 12)
    clock.now_ns += SECOND_NS
    quiet = maker.make(1_790_000_001_000)
    assert (quiet.frame.approved, quiet.frame.request_p99_us, quiet.answers) == (0, 0, {})
    metrics.answered("0800", None, "00")
    metrics.answered("0300", None, "12")
    clock.now_ns += SECOND_NS
    assert maker.make(1_790_000_002_000).frame[1:3] == (0, 0), "no business of a shop's"


def test_gauges_are_left_alone_for_longer_than_they_took() -> None:
    clock = Clock()
    metrics = Metrics(clock)
    asked_at = []

    def slow() -> dict[Metric, int]:
        asked_at.append(clock.now_ns)
        clock.now_ns += 5_000_000
        return {Metric.QUEUED_REQUESTS: len(asked_at)}

    metrics.watch(slow)
    maker = FrameMaker(metrics, span=10, rest=100)
    queued = []
    for _ in range(12):
        clock.now_ns += SECOND_NS // 10
        queued.append(maker.make(1_790_000_000_000).frame.queued)
    assert queued == [1] * 4 + [2] * 5 + [3] * 3


def test_whoever_watches_sees_what_happens(history: History) -> None:
    async def scene() -> list[list[tuple[str, dict[str, object]]]]:
        metrics = Metrics()
        live = Live(metrics, history, time.time_ns, sight=lambda told: {"at_ms": told.frame.at_ms})
        task = asyncio.create_task(live.serve())
        seen = []
        async for content in live.watch():
            metrics.answered("0200", "000000", "00")
            seen.append(list(events_of(content)))
            if len(seen) == 12:
                break
        task.cancel()
        return seen

    seen = asyncio.run(scene())
    assert [name for name, _ in seen[0]] == ["frame", "sight"]
    assert sum(name == "sight" for events in seen for name, _ in events) == 2
    frames = [content for events in seen for name, content in events if name == "frame"]
    assert [frame["totals"] for frame in frames] == [
        [["purchase", "00", count]] if count else [] for count in range(12)
    ]
    newest = dict(zip(Frame._fields, cast("list[int]", frames[-1]["frame"]), strict=True))
    assert 8 <= newest["approved"] <= 11, "of the last second, not of the last tenth"


def test_not_more_watch_than_may(history: History) -> None:
    async def scene() -> None:
        live = Live(Metrics(), history, time.time_ns)
        task = asyncio.create_task(live.serve())
        viewers = [live.watch() for _ in range(VIEWERS_MAX)]
        await asyncio.gather(*[anext(viewer) for viewer in viewers])
        with pytest.raises(TooManyViewers):
            await anext(live.watch())
        for viewer in viewers:
            await viewer.aclose()
        await anext(live.watch())
        task.cancel()

    asyncio.run(scene())


def test_every_second_is_kept(history: History) -> None:
    async def scene() -> int:
        task = asyncio.create_task(Live(Metrics(), history, time.time_ns).keep_history())
        started_s = time.time_ns() // SECOND_NS
        deadline = time.monotonic() + 30
        while len(list(history.since(started_s - 1, started_s + 60))) < 2:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        task.cancel()
        return started_s

    started_s = asyncio.run(scene())
    kept = [frame.at_ms // 1000 for frame in history.since(started_s - 1, started_s + 60)]
    assert kept == list(range(kept[0], kept[0] + len(kept)))
