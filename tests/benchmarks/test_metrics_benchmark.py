"""What the metrics cost a transaction that is approved."""

from pytest_benchmark.fixture import BenchmarkFixture

from switch.metrics.exposition import exposition
from switch.metrics.labels import Step
from switch.metrics.store import Metrics


def test_metrics_of_a_transaction(benchmark: BenchmarkFixture) -> None:
    """For a transaction alone on its link: its answer, both samplers, its share of the timing."""
    metrics = Metrics()

    def transaction() -> None:
        started_ns = metrics.clock_ns() if metrics.samples_one() else 0
        decoded_ns = metrics.sampled(Step.DECODE, started_ns) if started_ns else 0
        metrics.answered("0200", "000000", "00")
        if decoded_ns:
            metrics.sampled(Step.DECIDE, decoded_ns)
        if metrics.samples_group():
            metrics.group_answered(500_000, 1)

    benchmark(transaction)
    assert metrics.answers()["purchase", "00"] > 0


def test_metrics_of_a_commit(benchmark: BenchmarkFixture) -> None:
    metrics = Metrics()

    def commit() -> None:
        metrics.entries += 64
        metrics.batches += 1
        metrics.batch_requests.record(64)
        metrics.committed(150_000, 90_000, 64)

    benchmark(commit)


def test_metrics_page(benchmark: BenchmarkFixture) -> None:
    metrics = Metrics()
    for _ in range(1000):
        metrics.committed(150_000, 90_000, 64)
    assert "vafa_switch_step_seconds" in benchmark(exposition, metrics)
