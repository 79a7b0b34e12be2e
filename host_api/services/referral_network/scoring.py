"""What a purchase or an introduction gives whom, by a policy and the branches above: nothing but arithmetic.

Amounts are ten-thousandths of a unit, so shares in basis points are exact; whole units are cut off when a
member is paid, and the rest goes with the next payout.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from host_api.core.jalali import date_to_jalali, days_in_month, jalali_to_date
from host_api.core.tehran_time import tehran_date
from host_api.services.referral_network.policy_schemas import (
    IncomeCapPeriod,
    IncomeShare,
    IntroductionUnits,
    NetworkIntroductionTime,
    NetworkPayoutTime,
    NetworkPolicyContent,
)
from host_api.services.referral_network.tree import Branch

PARTS = 10_000


class IncomeKind(StrEnum):
    """What an income is for.

    OWN is a share of one's own purchase, DOWNLINE of one below, INTRODUCED what the buyer gets for having an
    introducer. CODE is for registering a code and INTRODUCTION the fixed sum, on both sides. RETURNED takes
    something of another line back.
    """

    OWN = "own"
    DOWNLINE = "downline"
    INTRODUCED = "introduced"
    CODE = "code"
    INTRODUCTION = "introduction"
    RETURNED = "returned"


class Line(NamedTuple):
    """What one member gets."""

    member_id: int
    kind: IncomeKind
    level: int
    parts: int


def score_purchase(
    policy: NetworkPolicyContent, buyer: Branch, above: Mapping[int, Branch], at: datetime, basis: int
) -> Iterator[Line]:
    """What a purchase gives, before caps.

    Parameters:
        above: the places of the buyer's introducers.
        basis: earned points or rial, as the policy has it.
    """
    uplines = list(_counted(policy, buyer, above, at))
    if policy.own_sales is not None:
        yield from _line(buyer, IncomeKind.OWN, 0, _parts(policy.own_sales, basis))
    for level, introducer in uplines:
        if level > len(policy.levels):
            break
        rule = policy.levels[level - 1]
        if rule.valid_days is not None and not _is_within(buyer.since, rule.valid_days, at):
            continue
        yield from _line(introducer, IncomeKind.DOWNLINE, level, _parts(rule.introducer, basis))
        if not introducer.is_closed:
            yield from _line(buyer, IncomeKind.INTRODUCED, level, _parts(rule.introduced, basis))
    if (
        buyer.is_introduction_owed
        and policy.introduction_on is NetworkIntroductionTime.FIRST_PURCHASE
        and uplines
        and uplines[0][0] == 1
    ):
        yield from both_sides(policy.introduction_points, IncomeKind.INTRODUCTION, buyer, uplines[0][1])


def both_sides(
    points: IntroductionUnits, kind: IncomeKind, introduced: Branch, introducer: Branch
) -> Iterator[Line]:
    """Fixed units for an introducer and whom they introduced."""
    yield from _line(introducer, kind, 1, points.introducer * PARTS)
    yield from _line(introduced, kind, 0, points.introduced * PARTS)


def taken_back(parts: int, amount: int, returned: int) -> int:
    """How much of a line a return of so much of the purchase takes back, all of it with the last of it."""
    return parts if returned >= amount else parts * max(returned, 0) // amount


def due_on(policy: NetworkPolicyContent, at: datetime) -> date:
    """The day on which an income of `at` is paid."""
    day = tehran_date(at)
    match policy.payout:
        case NetworkPayoutTime.IMMEDIATE:
            return day
        case NetworkPayoutTime.DAILY:
            return day + timedelta(days=1)
        case NetworkPayoutTime.MONTHLY:
            year, month, _ = date_to_jalali(day)
            return jalali_to_date(year, month, days_in_month(year, month)) + timedelta(days=1)


def cap_period(policy: NetworkPolicyContent, at: datetime) -> str:
    """The period that an income of `at` counts in, as its total is kept under."""
    day = tehran_date(at)
    if policy.cap_period is IncomeCapPeriod.DAY:
        return day.isoformat()
    return _jalali_month(day)


@lru_cache(maxsize=64)
def _jalali_month(day: date) -> str:
    year, month, _ = date_to_jalali(day)
    return f"{year:04d}/{month:02d}"


def _counted(
    policy: NetworkPolicyContent, buyer: Branch, above: Mapping[int, Branch], at: datetime
) -> Iterator[tuple[int, Branch]]:
    """The introducers with their levels, up to the first branch that doesn't count."""
    below = buyer
    for level, member_id in enumerate(buyer.upline[: policy.depth], 1):
        introducer = above.get(member_id)
        if introducer is None or not counts_at(below, at):
            return
        yield level, introducer
        below = introducer


def counts_at(below: Branch, at: datetime) -> bool:
    """Whether the branch on which a place hangs counts at an instant."""
    return (
        below.counts_from is not None
        and below.counts_from <= at
        and (below.suspended_at is None or at < below.suspended_at)
        and (below.until is None or tehran_date(at) <= below.until)
    )


def _is_within(since: datetime | None, days: int, at: datetime) -> bool:
    return since is not None and at < since + timedelta(days=days)


def _parts(share: IncomeShare | None, basis: int) -> int:
    if share is None:
        return 0
    return (share.fixed or 0) * PARTS if share.rate is None else basis * share.rate


def _line(place: Branch, kind: IncomeKind, level: int, parts: int) -> Iterator[Line]:
    if parts > 0 and not place.is_closed:
        yield Line(place.member_id, kind, level, parts)
