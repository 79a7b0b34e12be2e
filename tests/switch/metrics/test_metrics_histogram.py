"""The histogram against a sorted list of the same values."""

from itertools import pairwise
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from switch.metrics.histogram import BUCKET_COUNT, VALUE_MAX, Histogram, bucket_of, percentile, upper_bound

VALUES = st.one_of(st.integers(1, 200), st.integers(1, VALUE_MAX))


def test_buckets_are_adjacent_and_narrow() -> None:
    bounds = [upper_bound(bucket) for bucket in range(BUCKET_COUNT)]
    assert bounds[0] == 1
    assert bounds[-1] == VALUE_MAX
    assert all(lower < upper for lower, upper in pairwise(bounds))
    for bucket, (lower, upper) in enumerate(pairwise(bounds)):
        assert bucket_of(lower) == bucket
        assert bucket_of(lower + 1) == bucket_of(upper) == bucket + 1
        assert upper - lower <= max(1, upper // 32)


@given(st.integers())
def test_recording_agrees_with_the_layout(value: int) -> None:
    histogram = Histogram()
    histogram.record(value, 3)
    assert histogram.sparse() == {bucket_of(value): 3}


@given(st.lists(VALUES, min_size=1), st.integers(1, 1000))
def test_percentiles_are_within_a_bucket(values: list[int], per_mille: int) -> None:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    exact = sorted(values)[max(1, ceil(len(values) * per_mille / 1000)) - 1]
    told = histogram.percentile(per_mille)
    assert exact <= told <= exact + exact // 32 + 1
    assert (histogram.count, histogram.total, histogram.greatest) == (len(values), sum(values), max(values))


@given(st.lists(VALUES), st.sets(st.integers(0, BUCKET_COUNT - 1)))
def test_cumulative_counts_are_exact(values: list[int], buckets: set[int]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    bounds = [upper_bound(bucket) for bucket in sorted(buckets)]
    assert list(histogram.cumulative(bounds)) == [sum(value <= bound for value in values) for bound in bounds]


@given(st.lists(VALUES), st.lists(VALUES, min_size=1))
def test_a_difference_is_the_histogram_of_the_time_between(before: list[int], after: list[int]) -> None:
    histogram, alone = Histogram(), Histogram()
    for value in before:
        histogram.record(value)
    earlier = histogram.sparse()
    for value in after:
        histogram.record(value)
        alone.record(value)
    difference = {bucket: count - earlier.get(bucket, 0) for bucket, count in histogram.sparse().items()}
    assert percentile(
        {bucket: count for bucket, count in difference.items() if count}, 990
    ) == alone.percentile(990)


def test_an_empty_one_has_no_percentiles() -> None:
    assert Histogram().percentile(500) == 0
    assert Histogram().sparse() == {}
