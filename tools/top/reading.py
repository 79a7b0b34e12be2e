"""What a switch tells of itself at one moment, and the difference of two moments."""

import time
from typing import NamedTuple

import httpx2
from pydantic import BaseModel, ValidationError

from switch.metrics.histogram import percentile
from switch.metrics.labels import STEP_LABEL

TIMEOUT_S = 5.0
_NS_PER_S = 1_000_000_000


class TopFault(Exception):  # noqa: N818  (not an error in the program)
    """The switch can't be watched; the text is one line for the operator."""


class Distribution(BaseModel):
    """A histogram of /status."""

    count: int
    max: int
    buckets: dict[int, int]


class Answer(BaseModel):
    """Answers of one type and response code."""

    type: str
    code: str
    value: int


class PhaseCount(BaseModel):
    """So many of a link in a phase."""

    link: str
    phase: str
    value: int


class LinkCount(BaseModel):
    """A number of a link."""

    link: str
    value: int


class OutcomeCount(BaseModel):
    """So many of a link came to this."""

    link: str
    outcome: str
    value: int


class MetricValues(BaseModel):
    """The metrics that are shown; one that a switch doesn't know is 0 or empty."""

    answers: list[Answer] = []
    repeats: int = 0
    conflicts: int = 0
    mac_failures: int = 0
    format_faults: int = 0
    malfunctions: int = 0
    messages: list[OutcomeCount] = []
    connections: list[PhaseCount] = []
    dials: list[PhaseCount] = []
    signed_on_terminals: list[LinkCount] = []
    upstream_links: list[PhaseCount] = []
    upstream_in_flight_requests: list[LinkCount] = []
    upstream_messages: list[OutcomeCount] = []
    upstream_requests: list[OutcomeCount] = []
    stored_requests: list[LinkCount] = []
    stored_age_ns: list[LinkCount] = []
    dead_letters: list[LinkCount] = []
    queued_requests: int = 0
    queue_age_ns: int = 0
    in_flight_requests: int = 0
    waiting_bytes: int = 0
    commit_busy_ns: int = 0
    step_ns: dict[str, Distribution] = {}
    batch_requests: Distribution = Distribution(count=0, max=0, buckets={})
    commit_entries: Distribution = Distribution(count=0, max=0, buckets={})
    journal_position: int = 0
    journal_durable_position: int = 0
    journal_segments: int = 0
    disk_free_bytes: int = 0
    rule_table_version: int = 0
    cards: int = 0
    members: int = 0
    start_time_ns: int = 0
    cpu_ns: int = 0
    resident_bytes: int = 0


class StatusPage(BaseModel):
    """/status."""

    ready: bool
    reasons: list[str] = []
    rule_table_digest: str = ""
    metrics: MetricValues


class Moment(NamedTuple):
    """A status and when it was read, monotonic nanoseconds."""

    at_ns: int
    page: StatusPage


class StepFigures(NamedTuple):
    """A step in the time between two moments, nanoseconds."""

    per_s: int
    p50_ns: int
    p99_ns: int
    p999_ns: int


class AnswerRate(NamedTuple):
    """Answers of one type and code."""

    type: str
    code: str
    per_s: int
    total: int


class Figures(NamedTuple):
    """What is shown. Rates are over `seconds_ns` before the last moment."""

    page: StatusPage
    seconds_ns: int
    requests_per_s: int
    approved_per_s: int
    declined_per_s: int
    repeats_per_s: int
    refused_per_s: int
    cpu_per_cent: int
    steps: dict[str, StepFigures]
    batch_p50: int
    commit_entries_p50: int
    answers: tuple[AnswerRate, ...]


class StatusReader:
    """Reads /status. Only from this machine, or with the token of the switch's feed."""

    def __init__(self, url: str, token: str | None) -> None:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._url = url.rstrip("/")
        # No proxy may come between.
        self._client = httpx2.Client(timeout=TIMEOUT_S, trust_env=False, headers=headers)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def read(self) -> Moment:
        """The present moment. Raises TopFault."""
        try:
            response = self._client.get(f"{self._url}/status")
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise TopFault(f"no switch at {self._url}: {error or type(error).__name__}") from None
        if response.status_code == 401:
            raise TopFault(f"{self._url} wants the feed token: --token-file")
        if response.status_code != 200:
            raise TopFault(f"{self._url}/status answered {response.status_code}: is that a switch?")
        try:
            return Moment(time.monotonic_ns(), StatusPage.model_validate_json(response.content))
        except ValidationError:
            raise TopFault(f"{self._url}/status is not a switch's") from None


def figures(before: Moment, after: Moment) -> Figures:
    """Rates and percentiles of the time between. A switch that was started again meanwhile begins at 0."""
    now = after.page.metrics
    if before.page.metrics.start_time_ns != now.start_time_ns:
        before = Moment(before.at_ns, before.page.model_copy(update={"metrics": MetricValues()}))
    then = before.page.metrics
    time_ns = max(1, after.at_ns - before.at_ns)

    def per_s(late: int, early: int) -> int:
        return max(0, late - early) * _NS_PER_S // time_ns

    known = {(answer.type, answer.code): answer.value for answer in then.answers}
    answers = [
        AnswerRate(each.type, each.code, per_s(each.value, known.get((each.type, each.code), 0)), each.value)
        for each in now.answers
    ]
    answers.sort(key=lambda each: (-each.per_s, -each.total, each.type, each.code))
    approved = sum(each.per_s for each in answers if each.code == "00")
    total = sum(each.per_s for each in answers)
    repeats = per_s(now.repeats, then.repeats)
    return Figures(
        page=after.page,
        seconds_ns=time_ns,
        requests_per_s=total + repeats,
        approved_per_s=approved,
        declined_per_s=total - approved,
        repeats_per_s=repeats,
        refused_per_s=per_s(_refused(now), _refused(then)),
        cpu_per_cent=max(0, now.cpu_ns - then.cpu_ns) * 100 // time_ns,
        steps={
            step: _step(then.step_ns.get(step), now.step_ns[step], time_ns)
            for step in STEP_LABEL.values
            if step in now.step_ns
        },
        batch_p50=percentile(_between(then.batch_requests, now.batch_requests), 500),
        commit_entries_p50=percentile(_between(then.commit_entries, now.commit_entries), 500),
        answers=tuple(answers),
    )


def _step(then: Distribution | None, now: Distribution, time_ns: int) -> StepFigures:
    buckets = _between(then, now)
    count = sum(buckets.values())
    return StepFigures(count * _NS_PER_S // time_ns, *[percentile(buckets, part) for part in (500, 990, 999)])


def _between(then: Distribution | None, now: Distribution) -> dict[int, int]:
    early = {} if then is None else then.buckets
    found = {bucket: count - early.get(bucket, 0) for bucket, count in now.buckets.items()}
    return {bucket: count for bucket, count in found.items() if count > 0}


def _refused(values: MetricValues) -> int:
    return sum(row.value for row in values.messages if row.outcome == "refused")
