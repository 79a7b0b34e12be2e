"""Caps, budgets, time, conditions and counters, against cases computed by hand."""

from datetime import UTC, datetime

import pytest

from switch.rules.outcome import NEVER_DROPPED, NEVER_S, CounterKey, GrantReason, Party
from tests.switch.rules.hand_cases import (
    LAST_DAY_S,
    MEMBER,
    MERCHANT,
    TEHRAN,
    amounts,
    decide,
    local_s,
    only,
    percent_off,
    points,
    purchase,
    rule_of,
)
from tests.switch.rules.sample_names import Json
from tests.switch.rules.sample_requests import Counters

# Caps, limits, budgets


def _capped(**cap: object) -> Json:
    return rule_of("E", points(60), caps=[{"per": "member", "window": "month", "limit": 100, **cap}])


@pytest.mark.parametrize(
    ("cap", "granted"),
    [
        ({"of": "units"}, [60, 40, 0]),
        ({"of": "units", "on_hit": "skip"}, [60, 0, 0]),
        ({"of": "uses", "limit": 2}, [60, 60, None]),
        # 1 point is worth 1000 rial.
        ({"of": "liability", "limit": 100_999}, [60, 40, 0]),
        ({"of": "amount", "limit": 15_000}, [60, 60, None]),
        ({"of": "amount", "limit": 15_000, "on_hit": "skip"}, [60, None, None]),
    ],
)
def test_a_cap_clips_or_skips(cap: Json, granted: list[int | None]) -> None:
    counters = Counters()
    found: list[int | None] = []
    for _ in range(3):
        outcome = decide([_capped(**cap)], purchase(10_000), counters)
        counters.add(outcome.counter_moves)
        found.append(outcome.grants[0].granted if outcome.grants else None)
    assert found == granted


def test_a_limit_is_over_all_rules_of_its_purse_within_one_purchase() -> None:
    limits = [{"purse": "points", "of": "units", "per": "member", "window": "day", "limit": 70}]
    outcome = decide([rule_of("A", points(60)), rule_of("B", points(60))], purchase(), limits=limits)
    assert amounts(outcome) == [("A", 60), ("B", 10)]
    assert outcome.grants[1].reason == GrantReason.LIMIT
    (move,) = outcome.counter_moves
    today = 20_167
    assert move.key == CounterKey("limit:points/0", 2 << 56 | MEMBER, today, today + 46)
    assert (move.delta, move.restore, move.is_use) == (70, True, False)


@pytest.mark.parametrize(
    ("on_empty", "granted", "reason", "funding", "counted"),
    [
        ("stop", 7, GrantReason.BUDGET, [(Party.MERCHANT, 20, 5), (Party.PARTNER, 3, 2)], 7),
        (
            "continue_unfunded",
            10,
            GrantReason.OVER_BUDGET,
            [(Party.MERCHANT, 20, 5), (Party.PARTNER, 3, 2), (Party.PROGRAMME, 1, 3)],
            7,
        ),
        ("notify", 10, GrantReason.OVER_BUDGET, [(Party.MERCHANT, 20, 7), (Party.PARTNER, 3, 3)], 10),
    ],
)
def test_a_budget_ends_by_its_policy(
    on_empty: str, granted: int, reason: GrantReason, funding: list[tuple[Party, int, int]], counted: int
) -> None:
    shares = [{"party": "merchant", "share": 667}, {"party": "partner", "number": 3, "share": 333}]
    budget = {"id": "B", "amount": 7, "unit": "units", "on_empty": on_empty, "funded_by": shares}
    rule = rule_of("E", points(10), budget="B", reversal={"restore_budget": False})
    outcome = decide([rule], purchase(), budgets=[budget])
    grant = only(outcome)
    assert (grant.granted, grant.reason) == (granted, reason)
    assert [tuple(part) for part in grant.funding] == funding
    (move,) = outcome.counter_moves
    assert move.key == CounterKey("budget:B", 9 << 56, 0, NEVER_DROPPED)
    assert (move.delta, move.restore) == (counted, False)


def test_a_discount_never_exceeds_the_bill_and_costs_only_where_it_gave() -> None:
    cost: Json = {"type": "cost", "purse": "points", "calc": {"mode": "fixed", "give": 30}}
    fixed: Json = {"type": "discount", "calc": {"mode": "fixed", "give": 800}}
    rules = [rule_of(name, fixed, cost, kind="discount") for name in ("A", "B", "C")]
    outcome = decide(rules, purchase(1000, balances={91: 30}))
    assert [(grant.rule_id, grant.granted) for grant in outcome.discounts] == [
        ("A", 800),
        ("B", 200),
        ("C", 0),
    ]
    assert outcome.discounts[1].reason == GrantReason.BILL
    assert [(grant.rule_id, grant.purse, grant.granted) for grant in outcome.costs] == [
        ("A", 91, 30),
        ("B", 91, 30),
    ]
    assert decide(rules, purchase(1000, balances={91: 29})).discounts == ()


# Time


@pytest.mark.parametrize(
    ("calendar", "expiry", "end"),
    [
        ("jalali", {"period": "P1D"}, (2025, 3, 22)),
        # 30 Esfand 1403 and a year is 29 Esfand 1404; the next day is 1 Farvardin 1405.
        ("jalali", {"period": "P1Y"}, (2026, 3, 21)),
        # 30 Farvardin 1404; its month has 31 days.
        ("jalali", {"period": "P1M"}, (2025, 4, 20)),
        ("jalali", {"period": "P1M", "end": "month"}, (2025, 4, 21)),
        ("jalali", {"period": "P1M", "end": "quarter"}, (2025, 6, 22)),
        ("jalali", {"period": "P1M", "end": "year"}, (2026, 3, 21)),
        # Saturday 22 March begins a week; that week ends with Friday 28 March.
        ("jalali", {"period": "P2D", "end": "week"}, (2025, 3, 29)),
        ("gregorian", {"period": "P2D", "end": "week"}, (2025, 3, 24)),
        ("gregorian", {"period": "P1M", "end": "quarter"}, (2025, 7, 1)),
        ("gregorian", {"period": "P1Y", "end": "month"}, (2026, 4, 1)),
    ],
)
def test_a_rolling_expiry_ends_with_its_period(
    calendar: str, expiry: Json, end: tuple[int, int, int]
) -> None:
    rule = rule_of("E", points(1, expiry={"model": "rolling", **expiry}, pending="P14D"))
    grant = only(decide([rule], purchase(), calendar=calendar))
    assert grant.expires_at_s == local_s(*end)
    assert grant.available_from_s == local_s(2025, 4, 3)


def test_a_fixed_expiry_ends_with_its_day_and_nothing_is_earned_after_it() -> None:
    rule = rule_of("E", points(1, expiry={"model": "fixed", "at": "1403-12-30"}, pending="on_action"))
    grant = only(decide([rule], purchase()))
    assert (grant.expires_at_s, grant.available_from_s) == (local_s(2025, 3, 21), NEVER_S)
    assert decide([rule], purchase(at_s=local_s(2025, 3, 21))).grants == ()


def test_merchants_earnings_neither_wait_nor_expire() -> None:
    effect = points(1, expiry={"model": "rolling", "period": "P1D"}, pending="P14D", to="merchant")
    grant = only(decide([rule_of("E", effect)], purchase()))
    assert (grant.party, grant.number) == (Party.MERCHANT, MERCHANT)
    assert (grant.available_from_s, grant.expires_at_s) == (0, NEVER_S)


@pytest.mark.parametrize(
    ("hour", "day", "holds"),
    [(22, 20, True), (21, 20, False), (1, 21, True), (2, 21, False), (23, 21, False)],
)
def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(hour: int, day: int, holds: bool) -> None:
    schedule = {"windows": [{"days": ["THU"], "from": "22:00", "to": "02:00"}]}
    at_s = int(datetime(2025, 3, day, hour, 0, tzinfo=TEHRAN).timestamp())
    outcome = decide([rule_of("E", points(1), schedule=schedule)], purchase(at_s=at_s))
    assert bool(outcome.grants) == holds


def test_a_schedule_includes_its_last_day_and_leaves_out_blackouts() -> None:
    schedule = {"from": "1403-12-29", "to": "1404-01-03", "blackout": ["1404-01-01..1404-01-02"]}
    rule = rule_of("E", points(1), schedule=schedule)
    days = [decide([rule], purchase(at_s=LAST_DAY_S + day * 86_400)).grants for day in range(-2, 6)]
    assert [bool(grants) for grants in days] == [False, True, True, False, False, True, False, False]


def test_the_day_on_which_iran_had_no_midnight() -> None:
    at_s = int(datetime(2021, 3, 21, 21, 0, tzinfo=UTC).timestamp())  # 01:30 summer time on 22 March
    rule = rule_of("E", points(1, expiry={"model": "rolling", "period": "P1D"}))
    when = {
        "all": [{"f": "jalali.date", "op": "=", "v": "1400-01-02"}, {"f": "minute", "op": "=", "v": "01:30"}]
    }
    grant = only(decide([rule | {"when": when}], purchase(at_s=at_s)))
    assert grant.expires_at_s == int(datetime(2021, 3, 23, 19, 30, tzinfo=UTC).timestamp())


# Conditions and counters


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({"f": "tier", "op": "not_in", "v": ["gold"]}, False),
        ({"not": {"f": "tier", "op": "in", "v": ["gold"]}}, True),
        ({"f": "tier", "op": "exists"}, False),
        ({"f": "enrolled_days", "op": "!=", "v": 3}, False),
        ({"f": "balance.points", "op": "=", "v": 0}, True),
        ({"f": "metric.miles", "op": ">=", "v": 0}, False),
        ({"f": "item.sku", "op": "all_in", "v": ["tea"]}, False),
        ({"f": "segment", "op": "has_any", "v": ["vip"]}, False),
        ({"f": "basket.lines", "op": "exists"}, False),
        ({"f": "weekday", "op": "=", "v": "THU"}, True),
        ({"f": "minute", "op": "between", "v": ["10:00", "10:00"]}, True),
        ({"f": "points_paid", "op": "=", "v": 0}, True),
        (
            {"any": [{"f": "amount", "op": "in", "v": [1, 2]}, {"f": "amount", "op": "in", "v": [10_000]}]},
            True,
        ),
    ],
)
def test_what_is_unknown_fails(when: Json, holds: bool) -> None:
    outcome = decide([rule_of("E", points(1), when=when)], purchase(), segments={"vip": 0})
    assert bool(outcome.grants) == holds


def test_the_third_purchase_of_a_rolling_window() -> None:
    counters = Counters()
    spec = {"id": "visits", "of": "visits", "per": "member", "window": "rolling:P3D"}
    rule = rule_of("E", points(1), when={"f": "counter.visits", "op": "=", "v": 2})
    granted = []
    for day in (0, 1, 2, 3, 5, 9):
        facts = purchase(at_s=LAST_DAY_S + day * 86_400)
        outcome = decide([rule], facts, counters, counters=[spec])
        counters.add(outcome.counter_moves)
        granted.append(len(outcome.grants))
    # Before the third purchase two were counted, before the fourth again two of the last three days.
    assert granted == [0, 0, 1, 1, 0, 0]


def test_member_texts_stand_once_in_the_order_of_what_was_granted() -> None:
    text = {"fa": "سلام", "en": "Hello"}
    rules = [
        rule_of("A", points(1), member_text=text),
        rule_of("B", points(1), member_text=text),
        rule_of("C", points(1)),
        rule_of("D", percent_off(10), kind="discount", member_text={"fa": "تخفیف", "en": "Off"}),
    ]
    assert decide(rules, purchase()).texts == (("تخفیف", "Off"), ("سلام", "Hello"))
