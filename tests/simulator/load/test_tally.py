"""Percentiles of buckets against exact ones, and sums."""

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from simulator.load.tally import ERROR_BOUND, Tally, sum_of

LIMIT_NS = 10**9
TIMES_NS = st.lists(st.integers(1, 10**12), min_size=1, max_size=300)


def tally_of(times_ns: list[int]) -> Tally:
    found = Tally()
    for time_ns in times_ns:
        found.answer("00", time_ns, LIMIT_NS)
    return found


def nearest_rank(times_ns: list[int], per_mille: int) -> int:
    """The exact percentile: the smallest value that so many thousandths of the values don't exceed."""
    return sorted(times_ns)[max(ceil(len(times_ns) * per_mille / 1000), 1) - 1]


@given(TIMES_NS)
def test_percentiles_are_the_exact_ones_or_at_most_a_32nd_more(times_ns: list[int]) -> None:
    found = tally_of(times_ns).percentiles()
    assert found is not None
    for per_mille, value in zip((500, 900, 990, 999), found[:4], strict=True):
        exact = nearest_rank(times_ns, per_mille)
        assert exact <= value <= exact * (1 + ERROR_BOUND)
    assert found.greatest == max(times_ns)


@given(TIMES_NS, TIMES_NS)
def test_a_sum_is_as_if_one_had_counted_all(first: list[int], second: list[int]) -> None:
    assert sum_of([tally_of(first), tally_of(second)]) == tally_of(first + second)


def test_what_has_failed() -> None:
    tally = Tally(timeouts=3, lost=2, unsent=5)
    tally.answer("00", LIMIT_NS, LIMIT_NS)
    tally.answer("51", 5, LIMIT_NS)
    tally.answer("00", LIMIT_NS + 1, LIMIT_NS)
    tally.answer("91", 5, LIMIT_NS)
    assert (tally.late, tally.shed, tally.answered) == (1, 1, 4)
    assert (tally.failed, tally.sent, tally.ended) == (12, 9, 14)
    assert tally.codes == {"00": 2, "51": 1, "91": 1}
    assert Tally().percentiles() is None
