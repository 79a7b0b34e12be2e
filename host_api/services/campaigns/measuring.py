"""What a campaign brought: purchases of who was treated against who was not, in whole numbers.

The difference of the mean amounts has an interval of 95 % by the normal approximation (Welch's variances,
1.96 standard errors), rounded outwards. It is not corrected for looking more than once, nor for several
variants; with fewer members than asked for nothing is said.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import isqrt
from typing import Final

_Z_SQUARED: Final = Fraction(196, 100) ** 2
_PER_MILLE: Final = 1000
_PERCENT: Final = 100


class Verdict(StrEnum):
    """What can be said of a difference."""

    TOO_FEW = "too_few"
    NOT_SHOWN = "not_shown"
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Arm:
    """What the members of an arm bought, each within the same number of days.

    Attributes:
        buyers: who bought at all.
        squares: the sum of the squares of the members' amounts.
    """

    members: int = 0
    buyers: int = 0
    purchases: int = 0
    amount: int = 0
    squares: int = 0

    def __add__(self, other: "Arm") -> "Arm":
        return Arm(
            self.members + other.members,
            self.buyers + other.buyers,
            self.purchases + other.purchases,
            self.amount + other.amount,
            self.squares + other.squares,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """How far an arm is from the control group.

    Attributes:
        per_member: of the mean amounts, rial rounded down; `low` and `high` bound it with 95 %.
        total: the same for all members of the arm; so are `total_low` and `total_high`.
        per_mille: of the control's mean; None where that is nothing.
        buyers_per_mille: of the shares of buyers, in thousandths.
    """

    verdict: Verdict
    per_member: int
    low: int
    high: int
    total: int
    total_low: int
    total_high: int
    per_mille: int | None
    buyers_per_mille: int


def difference(treated: Arm, control: Arm, *, least_members: int) -> Difference | None:
    """The difference between two arms; None where one has nobody."""
    if treated.members == 0 or control.members == 0:
        return None
    mean, other = Fraction(treated.amount, treated.members), Fraction(control.amount, control.members)
    apart = mean - other
    half = _half_width(treated, control)
    low, high = (apart - half).__floor__(), (apart + half).__ceil__()
    shares = Fraction(treated.buyers, treated.members) - Fraction(control.buyers, control.members)
    return Difference(
        verdict=_verdict(treated, control, low, high, least_members),
        per_member=apart.__floor__(),
        low=low,
        high=high,
        total=(apart * treated.members).__floor__(),
        total_low=low * treated.members,
        total_high=high * treated.members,
        per_mille=None if other <= 0 else (apart * _PER_MILLE / other).__floor__(),
        buyers_per_mille=(shares * _PER_MILLE).__floor__(),
    )


def benefit(amount: int, margin_percent: int) -> int:
    """What the programme itself has of so much more sold."""
    return amount * margin_percent // _PERCENT


def _half_width(first: Arm, second: Arm) -> int:
    squared = (_error_squared(first) + _error_squared(second)) * _Z_SQUARED
    whole = squared.__ceil__()
    root = isqrt(whole)
    return root if root * root == whole else root + 1


def _error_squared(arm: Arm) -> Fraction:
    """The variance of the arm's mean."""
    if arm.members < 2:
        return Fraction(0)
    spread = arm.members * arm.squares - arm.amount * arm.amount
    return Fraction(max(spread, 0), arm.members * arm.members * (arm.members - 1))


def _verdict(treated: Arm, control: Arm, low: int, high: int, least_members: int) -> Verdict:
    if min(treated.members, control.members) < max(least_members, 2):
        return Verdict.TOO_FEW
    if low > 0:
        return Verdict.HIGHER
    return Verdict.LOWER if high < 0 else Verdict.NOT_SHOWN
