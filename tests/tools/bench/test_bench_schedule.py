"""When an open loop's requests are due, and how latencies become percentiles."""

from hypothesis import given
from hypothesis import strategies as st

from tools.bench.load.link_load import BURST, Schedule
from tools.bench.load.percentiles import latency_of

LINKS = st.integers(1, 40)
DUE = st.integers(0, 5_000)


@given(LINKS, DUE)
def test_links_share_everything_that_is_due(links: int, due: int) -> None:
    schedule = Schedule(1000, links)
    assert sum(schedule.share(link, due) for link in range(links)) == due


@given(LINKS, st.integers(1, 100_000), st.integers(1, 2_000))
def test_each_request_is_due_once_in_the_order_of_the_clock(links: int, rate_per_s: int, count: int) -> None:
    schedule = Schedule(rate_per_s, links)
    times = sorted(
        schedule.due_ns(link, index) for link in range(links) for index in range(schedule.share(link, count))
    )
    assert times == [(number + 1) * 1_000_000_000 // rate_per_s for number in range(count)]


@given(LINKS, DUE, DUE)
def test_whoever_has_something_due_is_told(links: int, first: int, second: int) -> None:
    before, due = sorted((first, second))
    schedule = Schedule(1000, links)
    told = schedule.links_between(before, due)
    changed = {link for link in range(links) if schedule.share(link, due) > schedule.share(link, before)}
    assert changed <= set(told)
    assert len(told) == len(set(told)) <= links


def test_bursts_go_round() -> None:
    schedule = Schedule(1, 2)
    assert [schedule.share(0, due) for due in (0, BURST, 2 * BURST, 2 * BURST + 1)] == [
        0,
        BURST,
        BURST,
        BURST + 1,
    ]
    assert schedule.due(999_999_999) == 0
    assert schedule.due(1_000_000_000) == 1


def test_percentiles_are_values_that_occurred() -> None:
    times_ns = [number * 1_000_000 for number in range(1, 1001)]
    assert latency_of(times_ns[::-1]) == (500.0, 990.0, 999.0)
    assert latency_of([7_000_000]) == (7.0, 7.0, 7.0)
