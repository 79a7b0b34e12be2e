"""How well an offer suits a member: whole numbers, the same result for the same facts, each part told.

Every reason is a figure from 0 to 1000. An offer's score is their mean by the programme's weights, so it is
from 0 to 1000, too; of equal scores the lower offer id comes first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

FULL: Final = 1000
_HALF: Final = 500

# Where half of the full figure is reached.
_HALF_AMOUNT: Final = 50_000_000
_HALF_COUNT: Final = 5


class Reason(StrEnum):
    """Why an offer suits a member."""

    REACH = "reach"
    AFFINITY = "affinity"
    INTEREST = "interest"
    DORMANCY = "dormancy"
    URGENCY = "urgency"
    LOYALTY = "loyalty"


@dataclass(frozen=True, slots=True)
class Weights:
    """A programme's weights and periods.

    Attributes:
        reach: the member's points come near what the offer takes.
        affinity: the share of the member's purchases at the offer's shops; half for an offer of everywhere.
        interest: one of the offer's interests is the member's; half for an offer without.
        dormancy: time since the last purchase, full from `dormant_days` on; counts for discounts.
        urgency: the share of the member's points that run out within `ending_days`; counts for gifts.
        loyalty: amount and number of purchases within `history_days`; counts for gifts.
        least_score: what scores less is not proposed.
    """

    reach: int = 30
    affinity: int = 30
    interest: int = 20
    dormancy: int = 20
    urgency: int = 10
    loyalty: int = 10
    history_days: int = 180
    dormant_days: int = 60
    ending_days: int = 30
    least_score: int = 300


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a member.

    Attributes:
        shops: number of purchases by merchant id and branch number.
        units, ending: points that can be spent, and those of them that run out soon.
    """

    amount: int = 0
    count: int = 0
    last_purchase_at: datetime | None = None
    shops: Mapping[tuple[str, int], int] = field(default_factory=dict)
    units: int = 0
    ending: int = 0
    interests: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """An offer as far as it is weighed."""

    offer_id: int
    is_gift: bool
    points_needed: int = 0
    merchants: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()
    interests: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A proposal's score, and the reasons' figures."""

    offer_id: int
    is_gift: bool
    score: int
    reasons: Mapping[Reason, int]


def weigh(proposal: Proposal, facts: Facts, weights: Weights, now: datetime) -> Weighed:
    """How well an offer suits a member."""
    reasons = {
        Reason.REACH: _reach(proposal, facts),
        Reason.AFFINITY: _affinity(proposal, facts),
        Reason.INTEREST: _interest(proposal, facts),
    }
    if proposal.is_gift:
        reasons[Reason.URGENCY] = 0 if facts.units <= 0 else min(FULL, facts.ending * FULL // facts.units)
        reasons[Reason.LOYALTY] = loyalty(facts)
    else:
        reasons[Reason.DORMANCY] = _dormancy(facts, weights, now)
    total = sum(getattr(weights, reason.value) for reason in reasons)
    sum_of = sum(getattr(weights, reason.value) * figure for reason, figure in reasons.items())
    return Weighed(proposal.offer_id, proposal.is_gift, sum_of // total if total else 0, reasons)


def ranked(weighed: Iterable[Weighed]) -> list[Weighed]:
    """The best first."""
    return sorted(weighed, key=lambda one: (-one.score, one.offer_id))


def best_of_each(weighed: Iterable[Weighed], least_score: int) -> list[Weighed]:
    """The best gift and the best discount, the better of them first."""
    found: dict[bool, Weighed] = {}
    for one in ranked(weighed):
        if one.score >= least_score:
            found.setdefault(one.is_gift, one)
    return ranked(found.values())


def loyalty(facts: Facts) -> int:
    """Amount and number of purchases, in equal parts; neither ever reaches its full figure."""
    amount, count = max(facts.amount, 0), max(facts.count, 0)
    return (amount * FULL // (amount + _HALF_AMOUNT) + count * FULL // (count + _HALF_COUNT)) // 2


def score_of_member(facts: Facts, weights: Weights, now: datetime) -> int:
    """A member's own score, by which offers are given out: loyalty, and half of it for recency."""
    return (2 * loyalty(facts) + FULL - _dormancy(facts, weights, now)) // 3


def names_of_weights() -> tuple[str, ...]:
    """The parameters, in order."""
    return tuple(entry.name for entry in fields(Weights))


def _reach(proposal: Proposal, facts: Facts) -> int:
    if proposal.points_needed <= 0:
        return FULL
    return max(0, min(FULL, facts.units * FULL // proposal.points_needed))


def _affinity(proposal: Proposal, facts: Facts) -> int:
    if not proposal.merchants and not proposal.branches:
        return _HALF
    total = sum(facts.shops.values())
    if total == 0:
        return 0
    here = sum(
        count
        for (merchant, branch), count in facts.shops.items()
        if merchant in proposal.merchants or f"{merchant}/{branch}" in proposal.branches
    )
    return here * FULL // total


def _interest(proposal: Proposal, facts: Facts) -> int:
    if not proposal.interests:
        return _HALF
    return FULL if proposal.interests & facts.interests else 0


def _dormancy(facts: Facts, weights: Weights, now: datetime) -> int:
    if facts.last_purchase_at is None:
        return FULL
    gone = now - facts.last_purchase_at
    return max(0, min(FULL, gone * FULL // timedelta(days=weights.dormant_days)))
