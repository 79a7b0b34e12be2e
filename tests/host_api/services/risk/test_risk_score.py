"""The documented score: each reason's points, the cut, the classes, and what only stands out."""

from host_api.services.members.profile_parts import PARTS
from host_api.services.risk.limits.schemas import RiskSeverity
from host_api.services.risk.ratings.score import (
    AnomalyFlag,
    Evidence,
    RiskClass,
    RiskReasonCode,
    class_of,
    rate,
)
from host_api.services.transactions.conduct import Conduct

FULL = frozenset(PARTS)


def _of(**changes: object) -> Evidence:
    usual: dict[str, object] = {
        "member_days": 400,
        "parts": FULL,
        "conduct": Conduct(sales=20, terminals=3),
        "confirmed": 0,
        "open_by_severity": {},
    }
    return Evidence(**(usual | changes))  # type: ignore[arg-type]


def test_each_reason_has_its_points() -> None:
    plain = rate(_of())
    assert (plain.score, plain.risk_class, plain.reasons, plain.flags) == (0, RiskClass.LOW, [], frozenset())
    expected: dict[RiskReasonCode, tuple[dict[str, object], int]] = {
        RiskReasonCode.CONFIRMED_ALERTS: ({"confirmed": 1}, 30),
        RiskReasonCode.OPEN_ALERTS: ({"open_by_severity": {RiskSeverity.LOW: 1, RiskSeverity.HIGH: 1}}, 19),
        RiskReasonCode.RETURNED_SALES: ({"conduct": Conduct(sales=10, returned_sales=3, terminals=2)}, 10),
        RiskReasonCode.REFUSALS: ({"conduct": Conduct(sales=10, refusals=5, terminals=2)}, 5),
        RiskReasonCode.DEBT: ({"conduct": Conduct(sales=10, debt=1, terminals=2)}, 10),
        RiskReasonCode.NEW: ({"member_days": 29}, 5),
        RiskReasonCode.THIN_PROFILE: ({"parts": frozenset({"name", "mobile"})}, 10),
    }
    assert set(expected) == set(RiskReasonCode)
    for code, (changes, points) in expected.items():
        rating = rate(_of(**changes))
        assert [(reason.code, reason.points) for reason in rating.reasons] == [(code, points)]
        assert rating.score == points


def test_the_worst_is_a_hundred_and_the_classes_meet() -> None:
    worst = rate(
        _of(
            member_days=3,
            parts=frozenset(),
            conduct=Conduct(sales=12, returned_sales=12, refusals=30, terminals=1, debt=9),
            confirmed=9,
            open_by_severity={RiskSeverity.HIGH: 9},
        )
    )
    assert (worst.score, worst.risk_class, worst.quality) == (100, RiskClass.HIGH, 0)
    assert worst.flags == frozenset(AnomalyFlag) - {AnomalyFlag.NEVER_BUYS}
    assert [class_of(score).value for score in (0, 19, 20, 49, 50, 100)] == [
        *("low", "low", "medium", "medium", "high", "high")
    ]


def test_who_never_buys_stands_out_and_weighs_nothing() -> None:
    rating = rate(_of(conduct=Conduct(), member_days=60))
    assert (rating.score, rating.flags) == (0, frozenset({AnomalyFlag.NEVER_BUYS}))
    assert rate(_of(conduct=Conduct(), member_days=59)).flags == frozenset()
