"""Exact rials become whole ones in one place, the same way everywhere."""

from enum import StrEnum
from fractions import Fraction
from typing import Final

_HALF: Final = Fraction(1, 2)


class InterestRounding(StrEnum):
    """What becomes of half a rial: HALF_UP goes away from zero, HALF_EVEN (banker's) to the even one."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


def rounded(exact: Fraction, rounding: InterestRounding) -> int:
    """The nearest whole number; of one in the middle as `rounding` says."""
    if rounding is InterestRounding.HALF_EVEN:
        return round(exact)
    whole = (abs(exact) + _HALF).__floor__()
    return whole if exact >= 0 else -whole
