"""Log-linear histogram of whole numbers: 32 buckets to an octave, so a value is known to within 1/32.

A bucket holds the values above its predecessor's bound and up to its own; up to 64 each value has its own.
The layout is that of HdrHistogram, in one flat array of signed 64-bit numbers that compiled code may write.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import Final

_LINEAR_BITS = 5
_LINEAR = 1 << _LINEAR_BITS
_BITS_MAX = 44
VALUE_MAX: Final = 1 << _BITS_MAX  # in nanoseconds almost five hours
BUCKET_COUNT: Final = (_BITS_MAX - _LINEAR_BITS + 1) * _LINEAR


def bucket_of(value: int) -> int:
    """Number of the bucket that holds a value; what is out of range goes to the first or the last."""
    below = min(value, VALUE_MAX) - 1
    if below < _LINEAR:
        return max(below, 0)
    shift = below.bit_length() - _LINEAR_BITS - 1
    return (shift << _LINEAR_BITS) + (below >> shift)


def upper_bound(bucket: int) -> int:
    """The greatest value that a bucket holds."""
    if bucket < 2 * _LINEAR:
        return bucket + 1
    shift = (bucket >> _LINEAR_BITS) - 1
    return ((bucket & (_LINEAR - 1)) + _LINEAR + 1) << shift


class Histogram:
    """Counts of values by bucket, their sum, and the greatest of them."""

    __slots__ = ("buckets", "count", "greatest", "total")

    def __init__(self) -> None:
        self.buckets = array("q", bytes(8 * BUCKET_COUNT))
        self.count = 0
        self.total = 0
        self.greatest = 0

    def record(self, value: int, count: int = 1) -> None:
        """Count a value, `count` times where it stands for so many."""
        below = value - 1
        if below < 2 * _LINEAR:
            self.buckets[below if below > 0 else 0] += count
        else:
            if below >= VALUE_MAX:
                below = VALUE_MAX - 1
            shift = below.bit_length() - _LINEAR_BITS - 1
            self.buckets[(shift << _LINEAR_BITS) + (below >> shift)] += count
        self.count += count
        self.total += value * count
        if value > self.greatest:  # noqa: PLR1730  (max() costs three times as much)
            self.greatest = value

    def sparse(self) -> dict[int, int]:
        """The buckets that aren't empty."""
        return {bucket: count for bucket, count in enumerate(self.buckets) if count}

    def percentile(self, per_mille: int) -> int:
        """The smallest bound that so many thousandths of the values don't exceed; 0 where there are none."""
        return percentile(self.sparse(), per_mille)

    def cumulative(self, bounds: Iterable[int]) -> Iterator[int]:
        """How many values don't exceed each of the ascending bounds, which must be bounds of buckets."""
        seen, bucket = 0, 0
        for bound in bounds:
            last = bucket_of(bound)
            seen += sum(self.buckets[bucket : last + 1])
            bucket = last + 1
            yield seen


def percentile(sparse: Mapping[int, int], per_mille: int) -> int:
    """As `Histogram.percentile`, of buckets by number: those of a histogram, or a difference of two."""
    wanted = ceil(sum(sparse.values()) * per_mille / 1000)
    seen = 0
    for bucket in sorted(sparse):
        seen += sparse[bucket]
        if seen >= wanted:
            return upper_bound(bucket)
    return 0
