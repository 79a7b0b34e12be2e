"""When the requests of an open loop are due: fixed before anything is answered."""

import math
import random
from collections.abc import Iterator

_NS = 1_000_000_000


def arrivals(
    seconds: float, rate: float, end_rate: float, chooser: random.Random | None = None
) -> Iterator[int]:
    """Nanoseconds after a stage's start at which its requests are due, ascending.

    The rate goes evenly from `rate` to `end_rate`, both requests a second. Request n is due where the rate
    has added up to n; with a `chooser` the distances are exponential in place of equal: a Poisson process.
    """
    slope = (end_rate - rate) / seconds
    last = (rate + end_rate) / 2 * seconds
    # Rounding must not take a whole stage's last request away.
    bound = last * (1 + 1e-12)
    wanted = 0.0
    while True:
        wanted += 1.0 if chooser is None else -math.log(1.0 - chooser.random())
        if wanted > bound:
            return
        yield int(time_of(wanted, rate, slope, seconds) * _NS)


def time_of(wanted: float, rate: float, slope: float, seconds: float) -> float:
    """Seconds until a rate that begins at `rate` and grows by `slope` a second has added up to `wanted`."""
    if slope == 0.0:
        return wanted / rate
    # The smaller root of slope/2·t² + rate·t = wanted, written so that it doesn't cancel out.
    root = math.sqrt(max(rate * rate + 2 * slope * wanted, 0.0))
    return min(2 * wanted / (rate + root), seconds) if rate + root else seconds
