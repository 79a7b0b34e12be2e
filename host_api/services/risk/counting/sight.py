"""One thing that happened, as limits see it."""

from collections.abc import Mapping
from dataclasses import dataclass

from host_api.services.risk.counting.measures import RiskMeasure, RiskPer


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing that happened.

    Attributes:
        reference: RRN of a transaction, reference of a trade.
        values: what it adds to which measure; less than nothing where a reversal undoes it, and then `at_ms`
            is when the undone happened.
        sale_age_ms: of a return, how old its sale was.
        location: latitude and longitude of the branch, microdegrees.
    """

    at_ms: int
    reference: str
    values: Mapping[RiskMeasure, int]
    member_id: int | None = None
    card_reference: int | None = None
    terminal_id: str | None = None
    merchant_id: str | None = None
    branch_number: int | None = None
    operator_id: int | None = None
    sale_age_ms: int | None = None
    location: tuple[int, int] | None = None


def subject_of(per: RiskPer, sight: Sight) -> str | None:
    """Whose counter it moves; None where it has no such subject."""
    match per:
        case RiskPer.CARD:
            return _named("card", sight.card_reference)
        case RiskPer.MEMBER:
            return _named("member", sight.member_id)
        case RiskPer.TERMINAL:
            return _named("terminal", sight.terminal_id)
        case RiskPer.BRANCH:
            return _named("branch", sight.merchant_id and f"{sight.merchant_id}/{sight.branch_number}")
        case RiskPer.OPERATOR:
            return _named("operator", sight.operator_id)
        case RiskPer.MEMBER_AT_TERMINAL:
            if sight.member_id is None or not sight.terminal_id:
                return None
            return f"member:{sight.member_id}@{sight.terminal_id}"


def _named(kind: str, key: int | str | None) -> str | None:
    return f"{kind}:{key}" if key else None
