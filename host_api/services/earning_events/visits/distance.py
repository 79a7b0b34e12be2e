"""How far two points of the earth are from one another."""

import math
from typing import Final, NamedTuple

MICRODEGREES: Final = 1_000_000
# Mean radius (2a + b) / 3 of the ellipsoid WGS 84.
_EARTH_M: Final = 6_371_008.8


class Point(NamedTuple):
    """Millionths of a degree (WGS 84): about 11 cm."""

    latitude: int
    longitude: int


def distance_m(one: Point, other: Point) -> int:
    """The way along a sphere by the haversine formula, in metres, half of one rounded up.

    On the real earth it is up to 0.5 % longer or shorter, and the way on foot is longer.
    """
    first, second = (math.radians(point.latitude / MICRODEGREES) for point in (one, other))
    across = math.radians((other.longitude - one.longitude) / MICRODEGREES)
    half = (
        math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(across / 2) ** 2
    )
    return math.floor(2 * _EARTH_M * math.asin(math.sqrt(min(half, 1.0))) + 0.5)
