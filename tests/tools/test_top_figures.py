"""Figures of two moments, and how they look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.metrics.histogram import Histogram, upper_bound
from tools.top.reading import (
    Answer,
    Distribution,
    Figures,
    LinkCount,
    MetricValues,
    Moment,
    OutcomeCount,
    PhaseCount,
    StatusPage,
    figures,
)
from tools.top.screen import duration, screen, size

SECOND_NS = 1_000_000_000


def distribution(*values: int) -> Distribution:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return Distribution(count=histogram.count, max=histogram.greatest, buckets=histogram.sparse())


def moment(at_s: int, metrics: MetricValues, ready: bool = True) -> Moment:
    page = StatusPage(ready=ready, reasons=[] if ready else ["draining"], metrics=metrics)
    return Moment(at_s * SECOND_NS, page)


def two_seconds() -> Figures:
    before = MetricValues(
        answers=[Answer(type="purchase", code="00", value=100)],
        repeats=1,
        start_time_ns=7,
        step_ns={"decide": distribution(1000, 1000)},
    )
    after = MetricValues(
        answers=[
            Answer(type="purchase", code="51", value=4),
            Answer(type="purchase", code="00", value=300),
            Answer(type="load", code="00", value=9_000_000),
        ],
        repeats=5,
        start_time_ns=7,
        cpu_ns=SECOND_NS // 2,
        messages=[
            OutcomeCount(link="a", outcome="refused", value=8),
            OutcomeCount(link="a", outcome="lost", value=9),
        ],
        step_ns={"decide": distribution(1000, 1000, 5_000_000, 5_000_000)},
    )
    return figures(moment(10, before), moment(12, after))


def test_rates_are_of_the_time_between() -> None:
    found = two_seconds()
    assert (found.approved_per_s, found.declined_per_s) == (100 + 4_500_000, 2)
    assert (found.repeats_per_s, found.refused_per_s) == (2, 4)
    assert found.requests_per_s == found.approved_per_s + found.declined_per_s + found.repeats_per_s
    assert found.cpu_per_cent == 25
    assert [(each.type, each.code, each.per_s) for each in found.answers] == [
        ("load", "00", 4_500_000),
        ("purchase", "00", 100),
        ("purchase", "51", 2),
    ]
    step = found.steps["decide"]
    assert step.per_s == 1
    assert 5_000_000 <= step.p50_ns == step.p999_ns <= 5_000_000 * 33 // 32


def test_a_switch_that_was_started_again_begins_at_nothing() -> None:
    before = MetricValues(repeats=1000, start_time_ns=7)
    after = MetricValues(repeats=10, start_time_ns=8)
    assert figures(moment(1, before), moment(2, after)).repeats_per_s == 10


def many_links() -> Figures:
    names = [f"link-{number}-with-a-long-name" for number in range(40)]
    values = MetricValues(
        answers=[Answer(type=f"type{number}", code="00", value=10**12) for number in range(50)],
        connections=[PhaseCount(link=name, phase="signed_on", value=10**6) for name in names],
        dials=[PhaseCount(link=names[0], phase="up", value=1)],
        signed_on_terminals=[LinkCount(link=name, value=10**9) for name in names],
        upstream_links=[PhaseCount(link="a-sister-club-with-a-long-name-0", phase="signing_on", value=1)],
        upstream_in_flight_requests=[LinkCount(link="a-sister-club-with-a-long-name-0", value=10**9)],
        step_ns={"decide": distribution(*range(1, 10**9, 10**7))},
        journal_position=10**15,
        queue_age_ns=10**12,
        waiting_bytes=10**10,
    )
    return figures(moment(1, MetricValues()), moment(2, values, ready=False))


@given(st.integers(40, 300), st.integers(1, 100))
def test_the_screen_keeps_to_its_size(columns: int, rows: int) -> None:
    for found in (two_seconds(), many_links()):
        lines = screen(found, "http://127.0.0.1:7584", columns, rows)
        assert len(lines) <= rows
        assert all(len(line) <= columns and line.isprintable() for line in lines)


def test_what_matters_is_on_eighty_columns() -> None:
    text = "\n".join(screen(many_links(), "http://127.0.0.1:7584", 80, 1000))
    assert "NOT READY: draining" in text
    assert "up, 1,000,000 signed_on" in text
    assert "and 34 more" in text


def test_a_partner_has_two_lines_of_its_own() -> None:
    values = MetricValues(
        upstream_links=[PhaseCount(link="sister", phase="up", value=1)],
        upstream_in_flight_requests=[LinkCount(link="sister", value=3)],
        upstream_messages=[
            OutcomeCount(link="sister", outcome="timed_out", value=2),
            OutcomeCount(link="sister", outcome="late", value=1),
            OutcomeCount(link="brother", outcome="late", value=77),
        ],
        upstream_requests=[OutcomeCount(link="sister", outcome="taken_back", value=2)],
        stored_requests=[LinkCount(link="sister", value=1500)],
        stored_age_ns=[LinkCount(link="sister", value=61 * SECOND_NS)],
        dead_letters=[LinkCount(link="sister", value=4)],
    )
    lines = screen(figures(moment(1, MetricValues()), moment(2, values)), "http://a", 80, 1000)
    place = lines.index("partner   sister  up  in flight 3  timed out 2  late 1  taken back 2")
    assert lines[place + 1] == "          stored 1,500  oldest 61.0 s  dead letters 4"
    assert not any("partner" in line for line in screen(two_seconds(), "http://a", 80, 1000))


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "-"),
        (999, "999 ns"),
        (1000, "1.00 µs"),
        (12_345, "12.3 µs"),
        (999_999, "999 µs"),
        (1_000_000, "1.00 ms"),
        (upper_bound(500), duration(upper_bound(500))),
        (2_500_000_000, "2.50 s"),
        (10**12, "1000 s"),
    ],
)
def test_durations(time_ns: int, text: str) -> None:
    assert duration(time_ns) == text


def test_sizes() -> None:
    assert [size(count) for count in (0, 999, 1000, 81_000_000_000)] == ["0 B", "999 B", "1.0 kB", "81.0 GB"]
