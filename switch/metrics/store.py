"""The numbers of one switch. Changed only in the event loop's thread, except for what is noted otherwise.

An event costs one addition in a flat array of signed 64-bit numbers, which compiled code may write as well.
Gauges cost nothing until somebody looks: each is a function that is asked then.
"""

from array import array
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import cycle, repeat
from math import prod
from time import perf_counter_ns
from typing import Final, overload

from switch.metrics.catalogue import Metric
from switch.metrics.histogram import Histogram
from switch.metrics.labels import (
    APPROVED_NUMBER,
    CODE_COUNT,
    CODE_LABEL,
    INQUIRIES,
    TYPE_LABEL,
    RequestType,
    Step,
    code_number,
    request_type,
)

# One of so many is timed, and counts for all of them; a prime, as traffic comes in powers of two.
SAMPLED_ONE_OF: Final = 61
SAMPLED_GROUP_OF: Final = 13

LabelValues = tuple[str, ...]
Reading = int | Mapping[LabelValues, int]
Readings = Mapping[Metric, Reading]


def _offsets() -> dict[Metric, int]:
    found, offset = {}, 0
    for metric in Metric:
        if metric.value.is_stored:
            found[metric] = offset
            offset += prod(len(label.values) for label in metric.value.labels)
    return found


OFFSETS: Final = _offsets()
_CELL_COUNT = max(OFFSETS.values()) + 1
_ANSWERS = OFFSETS[Metric.ANSWERS]
_FINANCIAL = [kind for kind in RequestType if kind <= RequestType.CARD_REPLACEMENT]


@lru_cache(maxsize=2048)
def answer_cell(mti: str, processing_code: object, response_code: str) -> int:
    """Place of an answer's cell. Cached, as it is asked for every request."""
    kind = request_type(mti, processing_code)
    return _ANSWERS + kind * CODE_COUNT + code_number(response_code)


def _once_in(number: int) -> Callable[[], bool]:
    """True at the last of so many calls, again and again."""
    return cycle((*repeat(False, number - 1), True)).__next__


class _Count:
    """A counter without labels as an attribute: `metrics.echoes += 1`."""

    def __init__(self, metric: Metric) -> None:
        self._offset = OFFSETS[metric]

    @overload
    def __get__(self, store: None, owner: type) -> "_Count": ...
    @overload
    def __get__(self, store: "Metrics", owner: type) -> int: ...
    def __get__(self, store: "Metrics | None", owner: type) -> "int | _Count":
        return self if store is None else store.cells[self._offset]

    def __set__(self, store: "Metrics", value: int) -> None:
        store.cells[self._offset] = value


class Metrics:
    """Counters, histograms, and where the gauges come from.

    `samples_one` says whether one request is to be timed step by step, `samples_group` whether requests of
    a link that are decided together are to be timed until their replies; `clock_ns` is the clock for it.
    `cells` holds the counters, each from its place in OFFSETS on, those with labels in the order of the
    labels' values. `steps` are by `Step`. The histograms of COMMIT and SYNC belong to who commits.
    """

    duplicates = _Count(Metric.REPEATS)
    duplicate_conflicts = _Count(Metric.CONFLICTS)
    sign_ons = _Count(Metric.SIGN_ONS)
    echoes = _Count(Metric.ECHOES)
    key_changes = _Count(Metric.KEY_CHANGES)
    mac_failures = _Count(Metric.MAC_FAILURES)
    unknown_terminals = _Count(Metric.UNKNOWN_TERMINALS)
    format_faults = _Count(Metric.FORMAT_FAULTS)
    not_signed_on = _Count(Metric.NOT_SIGNED_ON)
    malfunctions = _Count(Metric.MALFUNCTIONS)
    links_opened = _Count(Metric.LINKS_OPENED)
    links_refused = _Count(Metric.LINKS_REFUSED)
    links_timed_out = _Count(Metric.LINKS_TIMED_OUT)
    batches = _Count(Metric.BATCHES)
    entries = _Count(Metric.ENTRIES)
    maintenance_entries = _Count(Metric.MAINTENANCE_ENTRIES)

    def __init__(self, clock_ns: Callable[[], int] = perf_counter_ns) -> None:
        """`clock_ns` is monotonic."""
        self.clock_ns = clock_ns
        self.cells = array("q", bytes(8 * _CELL_COUNT))
        self.steps = tuple(Histogram() for _ in Step)
        self.batch_requests = Histogram()
        self.commit_entries = Histogram()
        self._sources: list[Callable[[], Readings]] = []
        # Not methods: each is asked for every request.
        self.samples_one: Callable[[], bool] = _once_in(SAMPLED_ONE_OF)
        self.samples_group: Callable[[], bool] = _once_in(SAMPLED_GROUP_OF)

    def answered(self, mti: str, processing_code: object, response_code: str) -> None:
        """Count an answer that is no repeat: by the request's type and field 3, and field 39."""
        self.cells[answer_cell(mti, processing_code, response_code)] += 1

    def sampled(self, step: Step, started_ns: int) -> int:
        """Note that a step of a sampled one ends now; returns the time, at which the next one begins."""
        now_ns = self.clock_ns()
        self.steps[step].record(now_ns - started_ns, SAMPLED_ONE_OF)
        return now_ns

    def group_answered(self, duration_ns: int, count: int) -> None:
        """Note the time of a sampled group since its oldest request came."""
        self.steps[Step.REQUEST].record(duration_ns, count * SAMPLED_GROUP_OF)

    def committed(self, duration_ns: int, sync_ns: int, entry_count: int) -> None:
        """Note a commit and its fdatasync."""
        self.steps[Step.COMMIT].record(duration_ns)
        self.steps[Step.SYNC].record(sync_ns)
        self.commit_entries.record(entry_count)

    def watch(self, source: Callable[[], Readings]) -> None:
        """Ask `source` for metrics that aren't stored here, whenever somebody looks. It must not block."""
        self._sources.append(source)

    def asked(self) -> Readings:
        """What the sources say now."""
        found: dict[Metric, Reading] = {}
        for source in reversed(self._sources):
            found.update(source())
        return found

    def answers(self) -> dict[tuple[str, str], int]:
        """Answers by type and response code, those that there were."""
        cells = self.cells[_ANSWERS : _ANSWERS + len(TYPE_LABEL.values) * CODE_COUNT]
        return {
            (TYPE_LABEL.values[place // CODE_COUNT], CODE_LABEL.values[place % CODE_COUNT]): count
            for place, count in enumerate(cells)
            if count
        }

    def totals(self) -> dict[str, int]:
        """The counters without labels, and sums of the answers, by the names of /status."""
        found = {name: getattr(self, name) for name in _COUNT_NAMES}
        approved = [self._sum(kind, approved=True) for kind in _FINANCIAL]
        declined = [self._sum(kind, approved=False) for kind in (*_FINANCIAL, *INQUIRIES)]
        commit = self.steps[Step.COMMIT]
        return {
            "approved": sum(approved),
            "declined": sum(declined),
            "inquiries": sum(self._sum(kind, approved=True) for kind in INQUIRIES),
            "reversals": self._sum(RequestType.REVERSAL),
            "file_actions": self._sum(RequestType.FILE_ACTION),
            **found,
            "commits": commit.count,
            "commit_us_total": commit.total // 1000,
        }

    def _sum(self, kind: RequestType, approved: bool | None = None) -> int:
        first = _ANSWERS + kind * CODE_COUNT
        good = self.cells[first + APPROVED_NUMBER]
        if approved:
            return good
        everything = sum(self.cells[first : first + CODE_COUNT])
        return everything if approved is None else everything - good


_COUNT_NAMES = [name for name, count in vars(Metrics).items() if isinstance(count, _Count)]
