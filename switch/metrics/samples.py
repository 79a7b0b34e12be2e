"""All present numbers in one form, from which the texts of /metrics and /status are made."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from switch.metrics.catalogue import Kind, Metric
from switch.metrics.histogram import Histogram
from switch.metrics.labels import STEP_LABEL
from switch.metrics.store import OFFSETS, LabelValues, Metrics, Reading


class Sample(NamedTuple):
    """A number or a histogram under its label values; times in nanoseconds."""

    labels: LabelValues
    value: int | Histogram


class Family(NamedTuple):
    """A metric with all its samples; a metric that nobody provides has no family."""

    metric: Metric
    samples: tuple[Sample, ...]


def families(metrics: Metrics) -> Iterator[Family]:
    """Every metric that there is, in the catalogue's order.

    A label's pair that has never been counted is left out where there are two labels: most never happen.
    """
    asked = metrics.asked()
    for metric in Metric:
        if metric.value.is_stored:
            yield Family(metric, tuple(_stored(metrics, metric)))
        elif metric.value.kind is Kind.HISTOGRAM:
            yield Family(metric, tuple(_histograms(metrics, metric)))
        elif metric in asked:
            yield Family(metric, tuple(_asked(asked[metric])))


def _stored(metrics: Metrics, metric: Metric) -> Iterator[Sample]:
    labels = metric.value.labels
    for place, values in enumerate(product(*(label.values for label in labels)), OFFSETS[metric]):
        count = metrics.cells[place]
        if count or len(labels) < 2:
            yield Sample(values, count)


def _histograms(metrics: Metrics, metric: Metric) -> Iterator[Sample]:
    if metric is Metric.STEP_SECONDS:
        for name, histogram in zip(STEP_LABEL.values, metrics.steps, strict=True):
            yield Sample((name,), histogram)
    elif metric is Metric.BATCH_REQUESTS:
        yield Sample((), metrics.batch_requests)
    else:
        yield Sample((), metrics.commit_entries)


def _asked(reading: Reading) -> Iterator[Sample]:
    if isinstance(reading, int):
        yield Sample((), reading)
    else:
        yield from (Sample(labels, value) for labels, value in sorted(reading.items()))
