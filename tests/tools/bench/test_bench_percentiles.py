"""How latencies become percentiles in the benchmarks."""

from tools.bench.load.percentiles import latency_of


def test_percentiles_are_values_that_occurred() -> None:
    times_ns = [number * 1_000_000 for number in range(1, 1001)]
    assert latency_of(times_ns[::-1]) == (500.0, 990.0, 999.0)
    assert latency_of([7_000_000]) == (7.0, 7.0, 7.0)
