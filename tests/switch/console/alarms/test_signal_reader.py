"""The sample of a second: out of the metrics as they are counted, the terminals and the obstacles."""

import time

import pytest

from switch.console.alarms.engine import Engine
from switch.console.alarms.rules import default_rules
from switch.console.alarms.signal_reader import TERMINALS_TOLD_MAX, SignalReader
from switch.console.alarms.signals import ALONE, Sample, Signal
from switch.console.frame import FrameMaker
from switch.fleet.health import HealthBook
from switch.metrics.catalogue import Metric
from switch.metrics.store import Metrics, Reading
from switch.operations.feed_readers import READERS_MAX, FeedReaders
from switch.operations.readiness import Obstacle

NOW_MS = 1_790_000_000_000
SECOND_NS = 1_000_000_000
HEALTH = bytes.fromhex("01012a")


class Scene:
    """A switch's numbers, and a reader of them."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.metrics = Metrics(lambda: self.now_ns)
        self.asked: dict[Metric, Reading] = {}
        self.metrics.watch(lambda: self.asked)
        self.fleet = HealthBook()
        self.blocked: set[str] = set()
        self.obstacles: list[Obstacle] = []
        self._maker = FrameMaker(self.metrics)
        self._reader = SignalReader(
            self.metrics,
            self.fleet,
            lambda terminal_id: terminal_id not in self.blocked,
            lambda: self.obstacles,
        )

    def second(self) -> Sample:
        """What a second after the last one gives."""
        self.now_ns += SECOND_NS
        return self._reader.read(self._maker.make(NOW_MS), NOW_MS)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_answers_to_shops_count_and_others_do_not(scene: Scene) -> None:
    for mti, code, count in (
        ("0200", "00", 5), ("0200", "51", 3), ("0100", "14", 2), ("0400", "00", 4), ("0300", "26", 9),
        ("0800", "00", 7),
    ):  # fmt: skip
        for _ in range(count):
            scene.metrics.answered(mti, "000000", code)
    sample = scene.second()
    assert sample[Signal.ANSWERS] == {"00": 9, "51": 3, "14": 2}
    assert sample[Signal.DECLINES] == {"51": 3, "14": 2}
    assert sample[Signal.REVERSALS] == {ALONE: 4}
    assert scene.second()[Signal.DECLINES] == {}


def test_counters_tell_what_the_second_had(scene: Scene) -> None:
    scene.metrics.duplicates += 4
    scene.metrics.mac_failures += 2
    scene.asked = {
        Metric.MESSAGES: {("a", "refused"): 3, ("a", "answered"): 90, ("b", "refused"): 0},
        Metric.UPSTREAM_MESSAGES: {("p", "late"): 5, ("p", "sent"): 50},
        Metric.UPSTREAM_REQUESTS: {("p", "taken_back"): 1},
        Metric.CANDIDATE_PURCHASES: {("failed",): 2, ("evaluated",): 20},
        Metric.LOG_LINES_DROPPED: 8,
    }
    first = scene.second()
    assert first[Signal.REPEATS] == {ALONE: 4} and first[Signal.MAC_FAILURES] == {ALONE: 2}
    assert first[Signal.REFUSED] == {"a": 3, "b": 0}
    assert (first[Signal.LATE_REPLIES], first[Signal.TAKEN_BACK]) == ({"p": 5}, {"p": 1})
    assert first[Signal.CANDIDATE_FAILURES] == {ALONE: 2} and first[Signal.LOG_LINES_DROPPED] == {ALONE: 8}
    scene.asked[Metric.MESSAGES] = {("a", "refused"): 3, ("b", "refused"): 6}
    second = scene.second()
    assert second[Signal.REPEATS] == {ALONE: 0} and second[Signal.LOG_LINES_DROPPED] == {ALONE: 0}
    assert second[Signal.REFUSED] == {"a": 0, "b": 6}


def test_levels_are_told_in_their_units(scene: Scene) -> None:
    scene.asked = {
        Metric.COMMIT_BUSY: 1_500_000_000,
        Metric.DISK_FREE_BYTES: 1 << 40,
        Metric.STORED_AGE: {("p",): 700 * SECOND_NS},
        Metric.DEAD_LETTERS: {("p",): 2},
        Metric.STORE_WRITABLE: {("p",): 0},
        Metric.UPSTREAM_LINKS: {("p", "connecting"): 1},
        Metric.DIALS: {("north", "up"): 1, ("south", "resting"): 1},
        Metric.LINK_SILENCE: {("north",): 400 * SECOND_NS, ("terminals",): 9 * SECOND_NS},
        Metric.JOURNAL_DURABLE_POSITION: 500,
        Metric.FEED_POSITION: {("club",): 420},
        Metric.FEED_BEHIND: {("club",): 61 * SECOND_NS},
    }
    sample = scene.second()
    assert sample[Signal.COMMIT_BUSY_MS] == {ALONE: 1500} and sample[Signal.DISK_FREE_BYTES] == {
        ALONE: 1 << 40
    }
    assert sample[Signal.STORED_AGE_S] == {"p": 700} and sample[Signal.DEAD_LETTERS] == {"p": 2}
    assert sample[Signal.QUEUE_UNWRITABLE] == {"p": 1} and sample[Signal.PARTNER_DOWN] == {"p": 1}
    assert sample[Signal.DIALLED_DOWN] == {"north": 0, "south": 1}
    assert sample[Signal.DIALLED_SILENCE_S] == {"north": 400}
    assert sample[Signal.FEED_LAG_ENTRIES] == {"club": 80} and sample[Signal.FEED_BEHIND_S] == {"club": 61}


def test_a_time_that_was_not_measured_is_not_known(scene: Scene) -> None:
    assert scene.second()[Signal.SYNC_P99_US] == {}
    scene.metrics.committed(2_000_000, 1_000_000, 3)
    assert 990 <= scene.second()[Signal.SYNC_P99_US][ALONE] <= 1040


def test_a_link_is_deserted_once_somebody_was_there(scene: Scene) -> None:
    scene.asked = {Metric.CONNECTIONS: {}}
    assert scene.second()[Signal.LINK_CONNECTIONS] == {}
    scene.asked = {Metric.CONNECTIONS: {("shops", "open"): 2, ("shops", "signed_on"): 1}}
    assert scene.second()[Signal.LINK_CONNECTIONS] == {"shops": 3}
    scene.asked = {Metric.CONNECTIONS: {}, Metric.MESSAGES: {("short", "answered"): 1, ("new", "lost"): 0}}
    assert scene.second()[Signal.LINK_CONNECTIONS] == {"shops": 0, "short": 0}


def test_terminals_that_are_in_use_are_silent_for_so_long(scene: Scene) -> None:
    for number in range(300):
        scene.fleet.note(f"T{number:07d}", HEALTH, NOW_MS - 1_000_000 + number * 1000)
    scene.blocked = {"T0000000"}
    silent = scene.second()[Signal.TERMINAL_SILENCE_S]
    assert len(silent) == TERMINALS_TOLD_MAX and "T0000000" not in silent
    assert silent["T0000001"] == 999 and min(silent.values()) == 1000 - TERMINALS_TOLD_MAX


@pytest.mark.parametrize(
    ("obstacles", "not_ready", "failed"),
    [([], 0, 0), ([Obstacle.DRAINING], 1, 0), ([Obstacle.JOURNAL_FAILED], 1, 1)],
    ids=["ready", "draining", "failed"],
)
def test_what_stands_in_the_way(scene: Scene, obstacles: list[Obstacle], not_ready: int, failed: int) -> None:
    scene.obstacles = obstacles
    sample = scene.second()
    assert (sample[Signal.NOT_READY], sample[Signal.FAILED]) == ({ALONE: not_ready}, {ALONE: failed})


def test_every_signal_has_its_numbers_and_a_quiet_switch_raises_nothing(scene: Scene) -> None:
    engine = Engine(default_rules())
    for second in range(700):
        sample = scene.second()
        assert set(sample) == set(Signal)
        assert engine.look(sample, second * 1000) == []


def test_a_second_costs_next_to_nothing(scene: Scene) -> None:
    links = [f"link{number}" for number in range(50)]
    scene.asked = {
        Metric.MESSAGES: {(link, "refused"): 0 for link in links},
        Metric.LINK_SILENCE: {(link,): 0 for link in links},
        Metric.CONNECTIONS: {(link, "open"): 1 for link in links},
    }
    for number in range(5000):
        scene.fleet.note(f"T{number:07d}", HEALTH, NOW_MS)
    engine = Engine(default_rules())
    frames = []
    for second in range(60):
        for code in ("00", "51", "14", "96"):
            scene.metrics.answered("0200", "000000", code)
        started_ns = time.process_time_ns()
        engine.look(scene.second(), second * 1000)
        frames.append(time.process_time_ns() - started_ns)
    assert sorted(frames)[30] < 5_000_000


def test_a_reader_is_behind_until_it_has_read_what_was_newest() -> None:
    now_ns, durable = 0, 100
    readers = FeedReaders(lambda: now_ns, lambda: durable)

    def behind_s() -> int:
        found = readers.readings()[Metric.FEED_BEHIND]
        assert isinstance(found, dict)
        return int(found[("club",)]) // SECOND_NS

    assert readers.readings()[Metric.FEED_POSITION] == {}
    readers.note("club", 40)
    assert behind_s() == 0
    now_ns = 30 * SECOND_NS
    assert behind_s() == 30
    readers.note("club", 100)
    assert behind_s() == 0
    durable, now_ns = 150, 31 * SECOND_NS
    assert behind_s() == 0
    now_ns = 40 * SECOND_NS
    assert behind_s() == 9
    assert readers.readings()[Metric.FEED_SILENCE] == {("club",): 10 * SECOND_NS}
    readers.note("club", 149)
    now_ns = 41 * SECOND_NS
    assert behind_s() == 10
    assert readers.readings()[Metric.FEED_POSITION] == {("club",): 149}
    readers.note("club", 1 << 60)
    assert readers.readings()[Metric.FEED_POSITION] == {("club",): 150}
    for number in range(READERS_MAX):
        readers.note(f"reader-{number}", 1)
    positions = readers.readings()[Metric.FEED_POSITION]
    assert isinstance(positions, dict) and len(positions) == READERS_MAX and ("club",) not in positions
