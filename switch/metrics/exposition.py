"""The metrics as text for Prometheus (text-based exposition format, version 0.0.4)."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from switch.metrics.catalogue import Metric, Unit
from switch.metrics.histogram import Histogram
from switch.metrics.samples import Family, families
from switch.metrics.store import LabelValues, Metrics

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

# They are bounds of the histogram's own buckets, so that what is told is exact. Times: 1 µs to 17 s by half
# octaves; numbers: 1 to 65,536 by octaves.
_HALF_OCTAVES_NS = chain.from_iterable((1 << k, 3 << (k - 1)) for k in range(10, 34))
_TIME_BOUNDS_NS: Final = (*_HALF_OCTAVES_NS, 1 << 34)
_NUMBER_BOUNDS: Final = tuple(1 << k for k in range(17))
_NS_PER_S = 1_000_000_000


def exposition(metrics: Metrics) -> str:
    """The whole page."""
    return "".join(f"{line}\n" for family in families(metrics) for line in _family(family))


def _family(family: Family) -> Iterator[str]:
    metric = family.metric
    name = metric.full_name
    yield f"# HELP {name} {_escaped_help(metric.value.help)}"
    yield f"# TYPE {name} {metric.value.kind.value}"
    for sample in family.samples:
        if isinstance(sample.value, Histogram):
            yield from _histogram(metric, sample.labels, sample.value)
        else:
            yield f"{name}{_labels(metric, sample.labels)} {_number(metric, sample.value)}"


def _histogram(metric: Metric, labels: LabelValues, histogram: Histogram) -> Iterator[str]:
    name = metric.full_name
    bounds = _TIME_BOUNDS_NS if metric.value.unit is Unit.SECONDS else _NUMBER_BOUNDS
    for bound, count in zip(bounds, histogram.cumulative(bounds), strict=True):
        yield f"{name}_bucket{_labels(metric, labels, _number(metric, bound))} {count}"
    yield f"{name}_bucket{_labels(metric, labels, '+Inf')} {histogram.count}"
    yield f"{name}_sum{_labels(metric, labels)} {_number(metric, histogram.total)}"
    yield f"{name}_count{_labels(metric, labels)} {histogram.count}"


def _labels(metric: Metric, values: LabelValues, bound: str | None = None) -> str:
    pairs = [
        f'{label.name}="{_escaped_value(value)}"'
        for label, value in zip(metric.value.labels, values, strict=True)
    ]
    if bound is not None:
        pairs.append(f'le="{bound}"')
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _number(metric: Metric, value: int) -> str:
    """The value in its unit, exact: no float comes between."""
    if metric.value.unit is not Unit.SECONDS:
        return str(value)
    sign, size = ("-", -value) if value < 0 else ("", value)
    whole, rest = divmod(size, _NS_PER_S)
    return f"{sign}{whole}.{rest:09d}".rstrip("0").rstrip(".")


def _escaped_help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _escaped_value(text: str) -> str:
    return _escaped_help(text).replace('"', '\\"')
