"""The metrics as one JSON object, for /status and whoever watches it: integers only, times in nanoseconds."""

from typing import TypedDict

from switch.metrics.catalogue import Metric, Unit
from switch.metrics.histogram import Histogram, percentile
from switch.metrics.samples import Sample, families
from switch.metrics.store import Metrics

Labelled = dict[str, int | str]


class HistogramReport(TypedDict):
    """A histogram since the start; `buckets` by number as in `switch.metrics.histogram`, without empty ones.

    Two reports' difference in `buckets` is the histogram of the time between them.
    """

    count: int
    total: int
    max: int
    p50: int
    p99: int
    p999: int
    buckets: dict[str, int]


Report = dict[str, int | list[Labelled] | HistogramReport | dict[str, HistogramReport]]


def report(metrics: Metrics) -> Report:
    """Every metric by its name.

    One without labels is a number; with labels, a list of objects that have each label and `value`; a
    histogram is an object, or an object of them by step. Seconds are nanoseconds here: `queue_age_ns`.
    """
    found: Report = {}
    for family in families(metrics):
        name = report_name(family.metric)
        labels = family.metric.value.labels
        if family.metric is Metric.STEP_SECONDS:
            found[name] = {sample.labels[0]: _histogram(sample) for sample in family.samples}
        elif any(isinstance(sample.value, Histogram) for sample in family.samples):
            found[name] = _histogram(family.samples[0])
        elif labels:
            names = [label.name for label in labels]
            found[name] = [
                {**dict(zip(names, sample.labels, strict=True)), "value": _number(sample)}
                for sample in family.samples
            ]
        else:
            found[name] = _number(family.samples[0])
    return found


def report_name(metric: Metric) -> str:
    """Name in the report: the unit last, as it is there."""
    name = metric.value.name
    if metric.value.unit is Unit.SECONDS:
        name = name.replace("_seconds", "_ns")
    return name.removesuffix("_total")


def _number(sample: Sample) -> int:
    if isinstance(sample.value, Histogram):
        raise TypeError("a histogram is no number")
    return sample.value


def _histogram(sample: Sample) -> HistogramReport:
    histogram = sample.value
    if not isinstance(histogram, Histogram):
        raise TypeError("a number is no histogram")
    sparse = histogram.sparse()
    return {
        "count": histogram.count,
        "total": histogram.total,
        "max": histogram.greatest,
        "p50": percentile(sparse, 500),
        "p99": percentile(sparse, 990),
        "p999": percentile(sparse, 999),
        "buckets": {str(bucket): count for bucket, count in sparse.items()},
    }
