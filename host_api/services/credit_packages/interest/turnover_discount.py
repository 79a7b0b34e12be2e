"""The discount of interest by turnover: steps, of which the highest that was reached holds."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnoverTier:
    """From so many rials of turnover on, so much of the interest is let off.

    Parameters:
        discount_bp: part of the interest in basis points; 10,000 is all of it.
    """

    turnover: int
    discount_bp: int


def discount_at(tiers: Iterable[TurnoverTier], turnover: int) -> int:
    """The discount in basis points; the threshold itself has reached its tier."""
    reached = [tier for tier in tiers if tier.turnover <= turnover]
    return max(reached, key=lambda tier: tier.turnover).discount_bp if reached else 0
