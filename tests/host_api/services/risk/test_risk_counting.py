"""Windows, hours, hops and quick returns: what moves a counter, and when a limit is passed."""

import random

from host_api.services.risk.counting.measures import RiskMeasure, RiskPer
from host_api.services.risk.counting.sight import Sight, subject_of
from host_api.services.risk.counting.window import PARTS, Counter, LimitRule, count, distance_km

HOUR_MS = 3_600_000
NOON_MS = 1_790_000_000_000  # 2026-09-21 17:43 in Tehran, a Monday


def _sale(at_ms: int, amount: int = 10, **more: object) -> Sight:
    values = {RiskMeasure.SALES: 1, RiskMeasure.SALE_AMOUNT: amount}
    return Sight(at_ms, "000000000001", values, member_id=12, **more)  # type: ignore[arg-type]


def _rule(measure: RiskMeasure = RiskMeasure.SALES, most: int = 2, **more: object) -> LimitRule:
    return LimitRule(1, measure, RiskPer.MEMBER, HOUR_MS, most, **more)  # type: ignore[arg-type]


def test_a_window_slides_and_stays_small() -> None:
    source = random.Random(7)
    rule, counter, times = _rule(most=5), Counter(), list[int]()
    at_ms = NOON_MS
    for _ in range(500):
        at_ms += source.randint(1, 1_200_000)
        times.append(at_ms)
        passed = count(rule, counter, _sale(at_ms))
        part = at_ms * PARTS // HOUR_MS
        within = sum(part - one * PARTS // HOUR_MS < PARTS for one in times)
        assert passed == (within if within > 5 else None)
        assert len(counter.parts) <= PARTS
        counter = Counter.of(counter.state())
    assert counter.until_ms(HOUR_MS) > at_ms + HOUR_MS - HOUR_MS // PARTS
    assert count(rule, counter, _sale(counter.until_ms(HOUR_MS))) is None
    assert list(counter.parts.values()) == [1]


def test_what_is_undone_counts_no_more() -> None:
    rule, counter = _rule(RiskMeasure.SALE_AMOUNT, 25), Counter()
    undone = Sight(NOON_MS, "000000000002", {RiskMeasure.SALE_AMOUNT: -10}, member_id=12)
    told = [count(rule, counter, sight) for sight in (_sale(NOON_MS), _sale(NOON_MS), undone)]
    told += [count(rule, counter, _sale(NOON_MS + 1)), count(rule, counter, _sale(NOON_MS + 2))]
    assert told == [None, None, None, None, 30]


def test_only_some_hours_and_days_count() -> None:
    night = _rule(most=0, from_minute=22 * 60, until_minute=5 * 60)
    hours = [
        hour
        for hour in range(24)
        if count(night, Counter(), _sale(NOON_MS + (hour * 60 + 17) * 60_000)) is not None
    ]
    assert hours == [4, 5, 6, 7, 8, 9, 10]  # from 22:00 on, seven full hours
    assert count(_rule(most=0, weekdays=frozenset({0})), Counter(), _sale(NOON_MS)) == 1
    assert count(_rule(most=0, weekdays=frozenset({1})), Counter(), _sale(NOON_MS)) is None
    assert count(_rule(most=0, active_from_ms=NOON_MS + 1), Counter(), _sale(NOON_MS)) is None


def test_nobody_is_in_two_towns_at_once() -> None:
    tehran, isfahan, near = (35_721_900, 51_334_700), (32_654_600, 51_668_000), (35_722_000, 51_335_000)
    assert 340 < distance_km(tehran, isfahan) < 345
    rule = _rule(RiskMeasure.FAR_HOPS, 0, speed_kmh=120)
    for place, minutes, is_hop in ((isfahan, 60, True), (isfahan, 181, False), (near, 0, False)):
        counter = Counter()
        rule = LimitRule(1, RiskMeasure.FAR_HOPS, RiskPer.CARD, 6 * HOUR_MS, 0, speed_kmh=120)
        assert count(rule, counter, _sale(NOON_MS, location=tehran)) is None
        second = _sale(NOON_MS + minutes * 60_000, location=place)
        assert (count(rule, Counter.of(counter.state()), second) == 1) is is_hop


def test_returns_are_quick_by_the_age_of_their_sale() -> None:
    rule, counter = _rule(RiskMeasure.QUICK_RETURNS, 1, quick_ms=HOUR_MS), Counter()
    ages = (10, HOUR_MS, HOUR_MS + 1, None)
    told = [
        count(rule, counter, Sight(NOON_MS, "1", {RiskMeasure.RETURNS: 1}, member_id=1, sale_age_ms=age))
        for age in ages
    ]
    assert told == [None, 2, None, None]


def test_subjects_have_names_of_their_own() -> None:
    sight = Sight(1, "1", {}, 12, 112, "TERM0001", "SHOP01", 3, 9)
    assert [subject_of(per, sight) for per in RiskPer] == [
        "card:112",
        "member:12",
        "terminal:TERM0001",
        "branch:SHOP01/3",
        "operator:9",
        "member:12@TERM0001",
    ]
    assert {subject_of(per, Sight(1, "1", {})) for per in RiskPer} == {None}
    longest = Sight(1, "1", {}, 10**12 - 1, 10**12 - 1, "T" * 8, "M" * 15, 10**9, 10**12)
    assert all(len(subject_of(per, longest) or "") <= 48 for per in RiskPer)
