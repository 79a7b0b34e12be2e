"""The risk score of a member: a sum of reasons, each with its points, so that anybody can reckon it again.

    confirmed alerts of 365 days    30 each, at most 60
    open alerts                     low 4, medium 8, high 15 each, at most 30
    returned sales                  of 90 days, four sales or more: 30 % returned 10, 60 % 20
    refusals                        of 90 days: five or more 5, fifteen or more 10
    debt                            points owed after returns: 10
    new                             a member for less than 30 days: 5
    thin profile                    less than half of the eight parts filled in: 10

Alerts that were false positives count nothing. The sum is cut at 100. Below 20 the class is low, below 50
medium, else high.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from host_api.services.members.profile_parts import PARTS
from host_api.services.risk.limits.schemas import RiskSeverity
from host_api.services.transactions.conduct import Conduct

SCORE_VERSION: Final = 1
HISTORY_DAYS: Final = 90
CONFIRMED_DAYS: Final = 365
_NEW_DAYS: Final = 30
_QUIET_DAYS: Final = 60
_LARGEST: Final = 100
_CONFIRMED, _MOST_CONFIRMED = 30, 60
_OPEN: Final = {RiskSeverity.LOW: 4, RiskSeverity.MEDIUM: 8, RiskSeverity.HIGH: 15}
_MOST_OPEN: Final = 30
_LEAST_SALES: Final = 4
_ONE_PLACE_SALES: Final = 10


class RiskClass(StrEnum):
    """What rules of the switch know as `risk_class`; there a member of class low has none."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class RiskReasonCode(StrEnum):
    """What a part of the score is for."""

    CONFIRMED_ALERTS = "confirmed_alerts"
    OPEN_ALERTS = "open_alerts"
    RETURNED_SALES = "returned_sales"
    REFUSALS = "refusals"
    DEBT = "debt"
    NEW = "new"
    THIN_PROFILE = "thin_profile"


class AnomalyFlag(StrEnum):
    """What stands out in a member, and weighs nothing by itself.

    THIN_PROFILE: less than half of the record filled in. NO_CONTACT: neither mobile nor e-mail. NEVER_BUYS: a
    member for 60 days without a sale. MOSTLY_RETURNS: at least half of four or more sales returned.
    ONE_TERMINAL: ten sales or more, all at one terminal.
    """

    THIN_PROFILE = "thin_profile"
    NO_CONTACT = "no_contact"
    NEVER_BUYS = "never_buys"
    MOSTLY_RETURNS = "mostly_returns"
    ONE_TERMINAL = "one_terminal"


class Reason(NamedTuple):
    """A part of a score. `number` is what was counted: alerts, percent, refusals, points, days, parts."""

    code: RiskReasonCode
    number: int
    points: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a member."""

    member_days: int
    parts: frozenset[str]
    conduct: Conduct
    confirmed: int
    open_by_severity: Mapping[RiskSeverity, int]


@dataclass(frozen=True, slots=True)
class Rating:
    """A member's score, class and why; `quality` is how much of the record is filled in, percent."""

    score: int
    risk_class: RiskClass
    reasons: Sequence[Reason]
    quality: int
    flags: frozenset[AnomalyFlag]


def rate(evidence: Evidence) -> Rating:
    """The rating that the evidence gives."""
    reasons = [reason for reason in _reasons(evidence) if reason.points]
    score = min(_LARGEST, sum(reason.points for reason in reasons))
    return Rating(score, class_of(score), reasons, _quality(evidence), _flags(evidence))


def class_of(score: int) -> RiskClass:
    """The class of a score."""
    if score < 20:
        return RiskClass.LOW
    return RiskClass.MEDIUM if score < 50 else RiskClass.HIGH


def _reasons(evidence: Evidence) -> list[Reason]:
    conduct, confirmed = evidence.conduct, evidence.confirmed
    opened = sum(evidence.open_by_severity.values())
    open_points = sum(_OPEN[severity] * number for severity, number in evidence.open_by_severity.items())
    returned = _returned_percent(conduct)
    quality = _quality(evidence)
    return [
        Reason(RiskReasonCode.CONFIRMED_ALERTS, confirmed, min(_MOST_CONFIRMED, confirmed * _CONFIRMED)),
        Reason(RiskReasonCode.OPEN_ALERTS, opened, min(_MOST_OPEN, open_points)),
        Reason(
            RiskReasonCode.RETURNED_SALES, returned, 20 if returned >= 60 else 10 if returned >= 30 else 0
        ),
        Reason(
            RiskReasonCode.REFUSALS,
            conduct.refusals,
            10 if conduct.refusals >= 15 else 5 if conduct.refusals >= 5 else 0,
        ),
        Reason(RiskReasonCode.DEBT, conduct.debt, 10 if conduct.debt else 0),
        Reason(RiskReasonCode.NEW, evidence.member_days, 5 if evidence.member_days < _NEW_DAYS else 0),
        Reason(RiskReasonCode.THIN_PROFILE, quality, 10 if quality < 50 else 0),
    ]


def _flags(evidence: Evidence) -> frozenset[AnomalyFlag]:
    conduct = evidence.conduct
    found = {
        AnomalyFlag.THIN_PROFILE: _quality(evidence) < 50,
        AnomalyFlag.NO_CONTACT: not evidence.parts & {"mobile", "email"},
        AnomalyFlag.NEVER_BUYS: not conduct.sales and evidence.member_days >= _QUIET_DAYS,
        AnomalyFlag.MOSTLY_RETURNS: _returned_percent(conduct) >= 50,
        AnomalyFlag.ONE_TERMINAL: conduct.sales >= _ONE_PLACE_SALES and conduct.terminals == 1,
    }
    return frozenset(flag for flag, is_so in found.items() if is_so)


def _quality(evidence: Evidence) -> int:
    return len(evidence.parts) * 100 // len(PARTS)


def _returned_percent(conduct: Conduct) -> int:
    """Of the sales those that were returned; 0 where they are too few to tell."""
    return conduct.returned_sales * 100 // conduct.sales if conduct.sales >= _LEAST_SALES else 0
