"""What an instalment asks for of the principal; the last one takes whatever rounding has left."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from host_api.services.credit_packages.interest.rounding import InterestRounding, rounded

BASIS_POINTS: Final = 10_000
_MONTHS: Final = 12


class InstalmentMethod(StrEnum):
    """EQUAL_PRINCIPAL repays the same principal each time, ANNUITY the same sum of principal and interest."""

    EQUAL_PRINCIPAL = "equal_principal"
    ANNUITY = "annuity"


@dataclass(frozen=True, slots=True)
class PlannedInstalment:
    """One row of a plan."""

    number: int
    principal: int
    interest: int
    left: int


def principal_due(  # noqa: PLR0917
    method: InstalmentMethod,
    principal: int,
    instalments_left: int,
    period_rate: Fraction,
    interest: int,
    rounding: InterestRounding,
) -> int:
    """The principal of the next of `instalments_left` instalments.

    Parameters:
        principal: what is owed and not yet due, in rials.
        period_rate: interest of one period on one rial.
        interest: rials of interest that fall due with it.
    """
    if instalments_left <= 1 or principal <= 0:
        return max(principal, 0)
    if method is InstalmentMethod.EQUAL_PRINCIPAL:
        return rounded(Fraction(principal, instalments_left), rounding)
    payment = rounded(annuity_payment(principal, instalments_left, period_rate), rounding)
    return min(max(payment - interest, 0), principal)


def annuity_payment(principal: int, count: int, period_rate: Fraction) -> Fraction:
    """The level payment that repays `principal` in `count` periods: P·r / (1 - (1 + r)^-n)."""
    if not period_rate:
        return Fraction(principal, count)
    growth = (1 + period_rate) ** count
    return principal * period_rate * growth / (growth - 1)


def period_rate(rate_bp: int, months: int) -> Fraction:
    """The nominal rate of a period of so many months, of an annual one in basis points."""
    return Fraction(rate_bp * months, BASIS_POINTS * _MONTHS)


def regular_plan(
    method: InstalmentMethod, principal: int, count: int, rate: Fraction, rounding: InterestRounding
) -> list[PlannedInstalment]:
    """A plan of regular periods, each with the same rate, paid on its due days."""
    rows: list[PlannedInstalment] = []
    for number in range(1, count + 1):
        interest = rounded(principal * rate, rounding)
        part = principal_due(method, principal, count - number + 1, rate, interest, rounding)
        principal -= part
        rows.append(PlannedInstalment(number, part, interest, principal))
    return rows
