"""Which rules match and are kept: triggers, times, gates of members, conditions, selection."""

import pytest

from switch.rules.caps import CapPer as Per
from switch.rules.conditions import (
    All,
    AnyOf,
    Condition,
    ItemTest,
    Not,
    NumberSource,
    NumberTest,
    Operator,
    SetTest,
    TextTest,
)
from switch.rules.evaluator import evaluate
from switch.rules.facts import (
    Facts,
    ItemDimension,
    NumberDimension,
    SetDimension,
    TextDimension,
)
from switch.rules.outcome import EffectType
from switch.rules.table import BasisOf, CounterOf, DeclaredCounter, Kind, Phase, TableRule, TimeWindow
from tests.switch.rules.tables import (
    COST,
    CREDIT,
    DISCOUNT,
    LIFETIME,
    NOON_S,
    POINTS,
    RULE,
    TENDER,
    Counters,
    at,
    basis,
    between,
    counter_test,
    facts,
    fixed,
    granted,
    key,
    line,
    one_of,
    sku,
    table,
)

NONE = Counters()
TIER, AMOUNT = TextDimension.TIER, NumberDimension.AMOUNT


def applies(rule: TableRule, request: Facts, counters: Counters = NONE) -> bool:
    """Whether the only rule of a table grants something."""
    return len(evaluate(table(rule), request, counters).grants) > 0


@pytest.mark.parametrize(
    ("triggers", "trigger", "reward", "expected"),
    [
        (("purchase",), "purchase", "", True),
        (("purchase",), "burn_request", "", False),
        (("visit", "enrol"), "enrol", "", True),
        (("custom:spin",), "custom:win", "", False),
        # A reward is granted to those who ask for it, in a purchase or a burn request.
        (("burn_request",), "burn_request", "R-1", True),
        (("burn_request",), "purchase", "R-1", True),
        (("burn_request",), "purchase", "R-2", False),
        (("burn_request",), "purchase", "", False),
        (("burn_request",), "visit", "R-1", False),
        (("purchase", "burn_request"), "purchase", "", False),
    ],
)
def test_triggers(triggers: tuple[str, ...], trigger: str, reward: str, expected: bool) -> None:
    """What kind of request a rule looks at."""
    request = facts()._replace(trigger=trigger, reward=reward)
    assert applies(RULE._replace(triggers=triggers), request) is expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-1, False), (0, True), (99, True), (100, False), (1000, False)]
)
def test_validity(seconds: int, expected: bool) -> None:
    """From its first second on, until before its last."""
    rule = RULE._replace(valid_from_s=NOON_S, valid_until_s=NOON_S + 100)
    assert applies(rule, facts(at_s=NOON_S + seconds)) is expected


SATURDAY, TUESDAY, ALL_DAYS = 1, 1 << 3, 127


@pytest.mark.parametrize(
    ("days", "hours", "time", "expected"),
    [
        # 5 May 2026 is a Tuesday.
        (TUESDAY, (16, 18), "2026-05-05T16:00", True),
        (TUESDAY, (16, 18), "2026-05-05T17:59", True),
        (TUESDAY, (16, 18), "2026-05-05T15:59", False),
        (TUESDAY, (16, 18), "2026-05-05T18:00", False),
        (TUESDAY, (16, 18), "2026-05-06T17:00", False),
        # Over midnight: it belongs to the day on which it begins.
        (TUESDAY, (22, 2), "2026-05-05T22:00", True),
        (TUESDAY, (22, 2), "2026-05-06T01:59", True),
        (TUESDAY, (22, 2), "2026-05-06T02:00", False),
        (TUESDAY, (22, 2), "2026-05-05T01:00", False),
        # Friday's window reaches into Saturday, Saturday's into Sunday.
        (1 << 6, (22, 2), "2026-05-09T00:30", True),
        (SATURDAY, (22, 2), "2026-05-09T00:30", False),
        (SATURDAY, (22, 2), "2026-05-10T00:30", True),
        # From an hour to the same hour: the whole 24 hours.
        (TUESDAY, (8, 8), "2026-05-05T07:59", False),
        (TUESDAY, (8, 8), "2026-05-05T08:00", True),
        (TUESDAY, (8, 8), "2026-05-06T07:59", True),
        (TUESDAY, (0, 24), "2026-05-05T23:59", True),
    ],
)
def test_windows(days: int, hours: tuple[int, int], time: str, expected: bool) -> None:
    """Hours of days in local time."""
    rule = RULE._replace(windows=(TimeWindow(days, hours[0] * 60, hours[1] * 60),))
    assert applies(rule, facts(at_s=at(time))) is expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [("2026-05-05T12:06", False), ("2026-05-05T12:07", True), ("2026-05-05T12:11", False)],
)
def test_a_window_within_a_quarter_of_an_hour(time: str, expected: bool) -> None:
    """What the index remembers for the quarter isn't enough: minutes count. The first call fills the memo."""
    rules = table(RULE._replace(windows=(TimeWindow(ALL_DAYS, 727, 731),)))
    evaluate(rules, facts(at_s=at("2026-05-05T12:08")), NONE)
    assert bool(evaluate(rules, facts(at_s=at(time)), NONE).grants) is expected


def test_windows_follow_the_local_clock_over_a_change() -> None:
    """In Berlin 08:00 is 07:00 UTC in winter and 06:00 UTC in summer."""
    rules = table(RULE._replace(windows=(TimeWindow(ALL_DAYS, 480, 540),)), time_zone="Europe/Berlin")

    def holds(utc: str) -> bool:
        return bool(evaluate(rules, facts(at_s=at(utc, "UTC")), NONE).grants)

    assert [holds(f"2026-03-28T{hour}:00") for hour in ("06", "07")] == [False, True]
    assert [holds(f"2026-03-29T{hour}:00") for hour in ("06", "07")] == [True, False]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-05-03T23:59", True),
        ("2026-05-04T00:00", False),
        ("2026-05-05T23:59", False),
        ("2026-05-06T00:00", True),
    ],
)
def test_blackout(time: str, expected: bool) -> None:
    """Whole local days, both ends included."""
    first = at("2026-05-04T00:00", "UTC") // 86_400
    assert applies(RULE._replace(blackout=((first, first + 1),)), facts(at_s=at(time))) is expected


@pytest.mark.parametrize(("agreed", "expected"), [(0, False), (1, False), (2, False), (3, True), (7, True)])
def test_agreements(agreed: int, expected: bool) -> None:
    """All of them."""
    assert applies(RULE._replace(agreements=3), facts()._replace(sets=(0, agreed))) is expected


@pytest.mark.parametrize(("status", "expected"), [("active", True), ("blocked", False), ("", False)])
def test_member_status(status: str, expected: bool) -> None:
    """One of the states."""
    assert applies(RULE._replace(statuses=("active", "new")), facts(member_status=status)) is expected


def number(source: NumberSource, operator: Operator, low: int | None, high: int | None = None) -> NumberTest:
    """A test of points, of the metric miles, or of the fact DAYS_SINCE_LAST."""
    index = {NumberSource.BALANCE: POINTS, NumberSource.FACT: 5}.get(source, 0)
    return NumberTest(source, index, "miles", operator, low, high)


FACT, BALANCE, METRIC = NumberSource.FACT, NumberSource.BALANCE, NumberSource.METRIC
HAS_ANY, HAS_ALL, EXISTS = Operator.HAS_ANY, Operator.HAS_ALL, Operator.EXISTS
SEGMENT = SetDimension.SEGMENT
GOLD = facts(tier="gold")
UNKNOWN = facts()
# Three days since the last purchase, 50 points, 7 miles, segments 0 and 2.
KNOWN = facts()._replace(
    numbers=(10_000, *[None] * 4, 3, *[None] * 11), balances={POINTS: 50}, metrics={"miles": 7}, sets=(5, 0)
)
TEA_AND_RICE = facts()._replace(
    lines=(line("tea", 100, 2, "food", "fresh", "promo"), line("rice", 300, 1, "food", "promo"))
)


@pytest.mark.parametrize(
    ("test", "request_facts", "expected"),
    [
        (one_of(TIER, "gold", "silver"), GOLD, True),
        (one_of(TIER, "silver"), GOLD, False),
        (one_of(TIER, "gold"), UNKNOWN, False),
        (one_of(TIER, "silver", operator=Operator.NOT_IN), GOLD, True),
        (one_of(TIER, "gold", operator=Operator.NOT_IN), GOLD, False),
        (one_of(TIER, "gold", operator=Operator.NOT_IN), UNKNOWN, False),
        (TextTest(TIER, EXISTS, ()), GOLD, True),
        (TextTest(TIER, EXISTS, ()), UNKNOWN, False),
        (Not(one_of(TIER, "gold")), UNKNOWN, True),
        (Not(one_of(TIER, "gold")), GOLD, False),
        (number(FACT, Operator.BETWEEN, 3, 3), KNOWN, True),
        (number(FACT, Operator.BETWEEN, 4, None), KNOWN, False),
        (number(FACT, Operator.BETWEEN, None, 2), KNOWN, False),
        (number(FACT, Operator.BETWEEN, None, 3), UNKNOWN, False),
        (number(FACT, Operator.NOT_EQUAL, 4), KNOWN, True),
        (number(FACT, Operator.NOT_EQUAL, 3), KNOWN, False),
        (number(FACT, Operator.NOT_EQUAL, 4), UNKNOWN, False),
        (number(FACT, EXISTS, None), KNOWN, True),
        (number(FACT, EXISTS, None), UNKNOWN, False),
        (number(BALANCE, Operator.BETWEEN, 50), KNOWN, True),
        (number(BALANCE, Operator.BETWEEN, None, 0), UNKNOWN, True),  # no account is a balance of 0
        (number(METRIC, Operator.BETWEEN, 7, 7), KNOWN, True),
        (number(METRIC, Operator.BETWEEN, 0), UNKNOWN, False),
        (number(METRIC, EXISTS, None), UNKNOWN, False),
        (SetTest(SEGMENT, HAS_ANY, 6), KNOWN, True),
        (SetTest(SEGMENT, HAS_ANY, 2), KNOWN, False),
        (SetTest(SEGMENT, HAS_ALL, 5), KNOWN, True),
        (SetTest(SEGMENT, HAS_ALL, 7), KNOWN, False),
        (SetTest(SEGMENT, EXISTS, 0), KNOWN, True),
        (SetTest(SEGMENT, EXISTS, 0), UNKNOWN, False),
        (sku("tea"), TEA_AND_RICE, True),
        (sku("salt"), TEA_AND_RICE, False),
        (sku("tea"), UNKNOWN, False),
        (sku("tea", operator=Operator.ALL_LINES), TEA_AND_RICE, False),
        (sku("tea", "rice", operator=Operator.ALL_LINES), TEA_AND_RICE, True),
        (sku("tea", "rice", operator=Operator.ALL_LINES), UNKNOWN, False),
        (ItemTest(ItemDimension.CATEGORY, Operator.ALL_LINES, ("food",)), TEA_AND_RICE, True),
        (ItemTest(ItemDimension.LABEL, Operator.ALL_LINES, ("promo",)), TEA_AND_RICE, True),
        (ItemTest(ItemDimension.LABEL, Operator.ALL_LINES, ("fresh",)), TEA_AND_RICE, False),
        (ItemTest(ItemDimension.LABEL, Operator.ANY_LINE, ("fresh", "x")), TEA_AND_RICE, True),
        (between(NumberDimension.LINE_COUNT, 2, 2), TEA_AND_RICE, True),
        (between(NumberDimension.ITEM_QUANTITY, 3, 3), TEA_AND_RICE, True),
        (between(NumberDimension.LINE_COUNT, 0), UNKNOWN, False),
        (between(NumberDimension.ITEM_QUANTITY, 0), UNKNOWN, False),
        (All(()), UNKNOWN, True),
        (All((one_of(TIER, "gold"), between(AMOUNT, 10_001))), GOLD, False),
        (AnyOf((one_of(TIER, "silver"), between(AMOUNT, 10_000))), GOLD, True),
        (AnyOf((one_of(TIER, "silver"), one_of(TIER, "bronze"))), GOLD, False),
        (AnyOf((one_of(TIER, "silver"), one_of(TIER, "gold"))), GOLD, True),
        (between(AMOUNT, 0), facts(amount=None), False),
        # 5 May 2026 is Tuesday, 15 Ordibehesht 1405; it is noon.
        (between(NumberDimension.DATE, 20260505, 20260505), UNKNOWN, True),
        (between(NumberDimension.DATE, 20260506), UNKNOWN, False),
        (between(NumberDimension.WEEKDAY, 4, 4), UNKNOWN, True),
        (NumberTest(FACT, 10, "", Operator.NOT_EQUAL, 4, None), UNKNOWN, False),
        (between(NumberDimension.MINUTE, 720, 720), UNKNOWN, True),
        (between(NumberDimension.MONTH, 5, 5), UNKNOWN, True),
        (between(NumberDimension.DAY, 5, 5), UNKNOWN, True),
        (between(NumberDimension.JALALI_DATE, 14050215, 14050215), UNKNOWN, True),
        (between(NumberDimension.JALALI_MONTH, 2, 2), UNKNOWN, True),
        (between(NumberDimension.JALALI_DAY, 15, 15), UNKNOWN, True),
    ],
)
def test_conditions(test: Condition, request_facts: Facts, expected: bool) -> None:
    """Each test, known and unknown. At the top and below it, as the index treats these differently."""
    rule = RULE._replace(effects=(fixed(1),), basis=basis(BasisOf.VISITS))
    for condition in (test, Not(Not(test)), AnyOf((test, one_of(TextDimension.CITY, "nowhere")))):
        assert applies(rule._replace(condition=condition), request_facts) is expected


def test_counters_are_read_as_they_were_before() -> None:
    """The fifth purchase of the day: four before it."""
    visits = DeclaredCounter("visits", "counter:visits", CounterOf.VISITS, "", Per.MEMBER, LIFETIME, All(()))
    rules = table(RULE._replace(condition=counter_test(0, 4, 4)), counters=(visits,))
    outcomes = [
        evaluate(rules, facts(), Counters({key("counter:visits"): before})).grants for before in (3, 4, 5)
    ]
    assert [bool(grants) for grants in outcomes] == [False, True, False]


def test_net_amount_is_the_amount_before_anything_is_paid() -> None:
    """A discount of 1,000, and 3,600 paid with points: NET_AMOUNT 10,000, then 5,400; POINTS_PAID 360."""
    net, paid = NumberDimension.NET_AMOUNT, NumberDimension.POINTS_PAID
    before = All((between(net, 10_000, 10_000), between(paid, 0, 0)))
    after = All((between(net, 5_400, 5_400), between(paid, 360, 360)))
    rules = table(
        RULE._replace(
            rule_id="D", kind=Kind.DISCOUNT, condition=before, effects=(DISCOUNT._replace(per=10),)
        ),
        RULE._replace(
            rule_id="T", kind=Kind.BURN, triggers=("burn_request",), condition=before, effects=(TENDER,)
        ),
        RULE._replace(rule_id="E", condition=after),
        RULE._replace(rule_id="F", condition=before),
    )
    outcome = evaluate(rules, facts()._replace(tender_purse=POINTS, tender_amount=3_600), NONE)
    assert (outcome.discount, outcome.tendered, outcome.net_amount) == (1_000, 3_600, 5_400)
    assert granted(outcome) == [("E", 54)]


EXCLUDING = RULE._replace(rule_id="A", priority=300, excludes=("B",))
A, B, C = (RULE._replace(rule_id=name) for name in "ABC")


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ((EXCLUDING, B, C), ["A", "C"]),
        # Only a rule that was kept excludes, and only those that come later.
        ((EXCLUDING._replace(condition=one_of(TIER, "gold")), B), ["B"]),
        ((EXCLUDING._replace(priority=1), B), ["B", "A"]),
        # Kept is before caps and stacking, and whatever it comes to.
        ((EXCLUDING._replace(effects=(fixed(0),)), B, C), ["C"]),
        ((A, B._replace(requires=("A",))), ["A", "B"]),
        ((A._replace(requires=("B",)), B), ["B"]),
        ((A._replace(requires=("B",)), B._replace(priority=200)), ["B", "A"]),
        ((B._replace(requires=("A", "C")), A), ["A"]),
        ((A._replace(stop_after=True), B, C), ["A"]),
        # A stop ends its own stage only: base, then bonuses.
        ((A._replace(stop_after=True), B, C._replace(phase=Phase.BONUS)), ["A", "C"]),
        ((A._replace(stop_after=True, condition=one_of(TIER, "gold")), B), ["B"]),
        # Excluding and requiring reach over stages.
        ((A._replace(excludes=("C",)), B, C._replace(phase=Phase.BONUS)), ["A", "B"]),
        ((A, C._replace(phase=Phase.BONUS, requires=("A",))), ["A", "C"]),
        # An excluded rule is not kept: what it would exclude stays.
        ((EXCLUDING, B._replace(excludes=("C",)), C), ["A", "C"]),
    ],
)
def test_selection(rules: tuple[TableRule, ...], kept: list[str]) -> None:
    """Who is left, in table order (priority, then id), phase by phase."""
    assert [rule_id for rule_id, _ in granted(evaluate(table(*rules), facts(), NONE))] == kept


@pytest.mark.parametrize(
    ("balances", "expected"),
    [({POINTS: 99}, False), ({POINTS: 100}, False), ({POINTS: 100, CREDIT: 5}, True)],
)
def test_a_gift_that_the_member_cannot_pay_for_is_not_kept(balances: dict[int, int], expected: bool) -> None:
    """It costs 60 and 40 points and 5 credit; another rule requires it."""
    costs = tuple(
        COST._replace(give=give, purse=purse) for give, purse in ((60, POINTS), (40, POINTS), (5, CREDIT))
    )
    gift = RULE._replace(rule_id="A", kind=Kind.GIFT, phase=Phase.BONUS, effects=(fixed(1, 90), *costs))
    rules = table(gift, RULE._replace(rule_id="B", phase=Phase.BONUS, requires=("A",)))
    outcome = evaluate(rules, facts()._replace(balances=balances), NONE)
    assert granted(outcome) == ([("A", 1), ("B", 100)] if expected else [])
    assert [(cost.purse, cost.granted) for cost in outcome.costs] == (
        [(POINTS, 60), (POINTS, 40), (CREDIT, 5)] if expected else []
    )
    assert all(cost.type == EffectType.COST and cost.funding == () for cost in outcome.costs)


def test_a_table_without_rules() -> None:
    """Nothing is granted and everything is to be paid."""
    outcome = evaluate(table(), facts(), NONE)
    assert outcome[:5] == (None, 10_000, 0, 0, 10_000)
    assert outcome[5:] == ((), (), None, (), (), ())
