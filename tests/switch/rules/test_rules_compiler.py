"""What the compiler makes of a document: conditions in normal form, times, order, and the default rules."""

import json
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.rules.caps import CapOf, CapPer, CapWindow, WindowKind
from switch.rules.compiler import EMPTY_TABLE, compile_rules, load_rules
from switch.rules.compiler.logic import all_of, any_of, negated
from switch.rules.conditions import (
    ALWAYS,
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
from switch.rules.facts import ItemDimension, NumberDimension, SetDimension, TextDimension
from switch.rules.outcome import EffectType, Party, ReturnPolicy
from switch.rules.table import (
    FOREVER_UNTIL_S,
    Basis,
    BasisOf,
    CalcMode,
    ExpiryModel,
    PendingKind,
    PeriodEnd,
    PeriodUnit,
    Phase,
    Rounding,
    StackMode,
    TableRule,
    TimeWindow,
)
from tests.switch.rules.rule_files import (
    Json,
    burn,
    compiled,
    cost,
    discount,
    document,
    earn,
    faults_of,
    rule,
    text_of,
)
from tests.switch.rules.wrong_documents import CONVERT, DENY, MULTIPLIER, effect

DEFAULT_TEXT = files("switch.rules").joinpath("default_rules.toml").read_text("utf-8")
DECLARED: Json = {
    "segments": {"vip": 0, "young": 200},
    "agreements": {"terms": 3},
    "counters": [
        {"id": "visits", "of": "visits", "per": "member", "window": "rolling:P30D"},
        {"id": "miles", "of": "metric:miles", "per": "household", "window": "year"},
    ],
}


def one(written: Json, **parts: object) -> TableRule:
    return compiled(written, **parts).rules[0]


def condition(when: object, scope: object = None) -> Condition:
    return one(rule(when=when, scope=scope or {}), **DECLARED).condition


def test_of(f: str, op: str, v: object = None) -> Condition:
    return condition({"f": f, "op": op} if v is None else {"f": f, "op": op, "v": v})


test_of.__test__ = False  # type: ignore[attr-defined]


def number(dimension: NumberDimension, low: int | None, high: int | None) -> NumberTest:
    return NumberTest(NumberSource.FACT, dimension, "", Operator.BETWEEN, low, high)


def amount(low: int | None, high: int | None) -> NumberTest:
    return number(NumberDimension.AMOUNT, low, high)


def named(source: NumberSource, index: int, name: str = "") -> NumberTest:
    return NumberTest(source, index, name, Operator.BETWEEN, 6, None)


WHOLE = (1 << 256) - 1
CITY = TextTest(TextDimension.CITY, Operator.IN, ("a",))
VIP = SetTest(SetDimension.SEGMENT, Operator.HAS_ANY, 1)
BOTH = 1 | 1 << 200
NOT_EQUAL = NumberTest(NumberSource.FACT, NumberDimension.AMOUNT, "", Operator.NOT_EQUAL, 5, None)


@pytest.mark.parametrize(
    ("f", "op", "v", "wanted"),
    [
        ("amount", "=", 5, amount(5, 5)),
        ("amount", "!=", 5, NOT_EQUAL),
        ("amount", "<", 5, amount(None, 4)),
        ("amount", "<=", 5, amount(None, 5)),
        ("amount", ">", 5, amount(6, None)),
        ("amount", ">=", 5, amount(5, None)),
        ("amount", "between", [5, 9], amount(5, 9)),
        ("amount", "in", [7, 5, 6, 5], amount(5, 7)),
        ("amount", "in", [9, 5], AnyOf((amount(5, 5), amount(9, 9)))),
        ("amount", "not_in", [5], NOT_EQUAL),
        ("amount", "not_in", [9, 5], All((NOT_EQUAL, NOT_EQUAL._replace(low=9)))),
        ("amount", "exists", None, amount(None, None)._replace(operator=Operator.EXISTS)),
        ("date", ">=", "2026-03-21", number(NumberDimension.DATE, 20260321, None)),
        ("jalali.date", "=", "1405-01-01", number(NumberDimension.JALALI_DATE, 14050101, 14050101)),
        ("minute", ">", "16:30", number(NumberDimension.MINUTE, 991, None)),
        ("weekday", "in", ["FRI", "SAT"], AnyOf((
            number(NumberDimension.WEEKDAY, 1, 1), number(NumberDimension.WEEKDAY, 7, 7)))),
        ("balance.points", ">", 5, named(NumberSource.BALANCE, 91)),
        ("metric.miles", ">", 5, named(NumberSource.METRIC, 0, "miles")),
        ("counter.miles", ">", 5, named(NumberSource.COUNTER, 1)),
        ("city", "=", "a", CITY),
        ("city", "in", ["b", "a", "b"], CITY._replace(values=("a", "b"))),
        ("city", "!=", "a", CITY._replace(operator=Operator.NOT_IN)),
        ("city", "not_in", ["a"], CITY._replace(operator=Operator.NOT_IN)),
        ("city", "exists", None, TextTest(TextDimension.CITY, Operator.EXISTS, ())),
        ("segment", "has", "vip", VIP),
        ("segment", "has_all", ["vip"], VIP),
        ("segment", "has_any", ["vip", "young"], VIP._replace(mask=BOTH)),
        ("segment", "has_all", ["vip", "young"], SetTest(SetDimension.SEGMENT, Operator.HAS_ALL, BOTH)),
        ("agreement", "exists", None, SetTest(SetDimension.AGREEMENT, Operator.EXISTS, WHOLE)),
        ("item.sku", "any_in", ["b", "a"], ItemTest(ItemDimension.SKU, Operator.ANY_LINE, ("a", "b"))),
        ("item.label", "all_in", ["a"], ItemTest(ItemDimension.LABEL, Operator.ALL_LINES, ("a",))),
    ],
)  # fmt: skip
def test_each_test_becomes_one_of_the_table(f: str, op: str, v: object, wanted: Condition) -> None:
    got = test_of(f, op, v)
    assert (type(got), got) == (type(wanted), wanted)


def test_nested_conditions_become_flat() -> None:
    first, second = {"f": "city", "op": "=", "v": "a"}, {"f": "segment", "op": "has", "v": "vip"}
    assert condition({"all": [first, {"all": [second, {"all": [first]}]}]}) == All((CITY, VIP))
    assert condition({"any": [{"any": [first]}, {"any": [second, first]}]}) == AnyOf((CITY, VIP))
    assert condition({"all": [{"any": [first]}]}) == CITY
    assert condition({"not": {"not": first}}) == CITY
    both = condition({"not": {"all": [first, second]}})
    assert isinstance(both, AnyOf)
    assert both.parts == (Not(CITY), Not(VIP))


def test_a_negated_comparison_stays_where_the_fact_can_be_unknown() -> None:
    assert condition({"not": {"f": "amount", "op": ">", "v": 5}}) == Not(amount(6, None))
    assert condition({"not": {"f": "city", "op": "=", "v": "a"}}) == Not(CITY)
    assert condition({"not": {"f": "minute", "op": ">", "v": 5}}) == number(NumberDimension.MINUTE, None, 5)
    assert condition({"not": {"f": "balance.points", "op": "<=", "v": 5}}) == named(NumberSource.BALANCE, 91)


def holds(what: Condition, values: dict[NumberDimension, int | None]) -> bool:
    """The meaning of a condition on numbers, spelled out."""
    if isinstance(what, All):
        return all(holds(part, values) for part in what.parts)
    if isinstance(what, AnyOf):
        return any(holds(part, values) for part in what.parts)
    if isinstance(what, Not):
        return not holds(what.part, values)
    assert isinstance(what, NumberTest)
    value = values[NumberDimension(what.index)]
    if value is None:
        return False
    if what.operator == Operator.EXISTS:
        return True
    if what.operator == Operator.NOT_EQUAL:
        return value != what.low
    return (what.low is None or value >= what.low) and (what.high is None or value <= what.high)


BOUND = st.none() | st.integers(0, 4)
TESTS = st.builds(
    lambda dimension, operator, low, high: NumberTest(
        NumberSource.FACT,
        dimension,
        "",
        operator,
        None if operator == Operator.EXISTS else low or 0 if operator == Operator.NOT_EQUAL else low,
        high if operator == Operator.BETWEEN else None,
    ),
    # The first can be unknown, the second can't.
    st.sampled_from((NumberDimension.AMOUNT, NumberDimension.MINUTE)),
    st.sampled_from((Operator.BETWEEN, Operator.NOT_EQUAL, Operator.EXISTS)),
    BOUND,
    BOUND,
)
TREES: st.SearchStrategy[Condition] = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)


@given(TREES, st.lists(TREES, min_size=1, max_size=3), st.none() | st.integers(0, 4), st.integers(0, 4))
def test_rewriting_changes_no_meaning(
    tree: Condition, parts: list[Condition], known: int | None, minute: int
) -> None:
    values = {NumberDimension.AMOUNT: known, NumberDimension.MINUTE: minute}
    assert holds(negated(tree), values) == (not holds(tree, values))
    assert holds(all_of(parts), values) == all(holds(part, values) for part in parts)
    assert holds(any_of(parts), values) == any(holds(part, values) for part in parts)


def test_scope_is_part_of_the_condition() -> None:
    scope = {"branches": ["M1/2", "M1/1", "M1/1"], "card_types": ["gold"], "cities": []}
    places = (
        TextTest(TextDimension.BRANCH, Operator.IN, ("M1/1", "M1/2")),
        TextTest(TextDimension.CARD_TYPE, Operator.IN, ("gold",)),
    )
    assert one(rule(scope=scope)).condition == All(places)
    assert one(rule(scope={"branches": ["M1/1"]})).condition == places[0]._replace(values=("M1/1",))
    assert condition({"f": "amount", "op": "=", "v": 1}, scope=scope) == All((*places, amount(1, 1)))
    assert one(rule(scope={"cities": []})).condition == ALWAYS


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_validity_counts_whole_days_in_the_zone_of_the_programme() -> None:
    def validity(start: str, end: str, **parts: object) -> tuple[int, int]:
        got = one(rule(schedule={"from": start, "to": end}), **parts)
        return got.valid_from_s, got.valid_until_s

    wanted = (seconds("2026-03-21T00:00+03:30"), seconds("2027-03-21T00:00+03:30"))
    assert validity("2026-03-21", "2027-03-20") == wanted
    assert validity("1405-01-01", "1405-12-29") == wanted
    assert validity("1405-01-01T00:00", "1405-12-29") == wanted
    assert validity("2026-03-21T00:00+03:30", "2027-03-20T20:30:00Z") == wanted
    assert validity("2026-03-21", "2026-03-21", time_zone="UTC") == (
        seconds("2026-03-21T00:00Z"),
        seconds("2026-03-22T00:00Z"),
    )
    # In 2021 summer time began at midnight of this day: it had 23 hours.
    assert validity("2021-03-22", "2021-03-22") == (
        seconds("2021-03-22T00:00+03:30"),
        seconds("2021-03-23T00:00+04:30"),
    )
    always = one(rule())
    assert (always.valid_from_s, always.valid_until_s) == (0, FOREVER_UNTIL_S)


def test_windows_and_blackout() -> None:
    windows = [
        {"days": ["SAT", "TUE", "SAT"], "from": "16:00", "to": "18:30"},
        {"from": "22:00", "to": "02:00"},
    ]
    blackout = ["1405-01-13", "1405-01-01..1405-01-04", "2026-03-21..2026-03-24"]
    got = one(rule(schedule={"windows": windows, "blackout": blackout}))
    assert got.windows == (TimeWindow(0b1001, 960, 1110), TimeWindow(0b1111111, 1320, 120))
    first = (datetime(2026, 3, 21, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
    assert got.blackout == ((first, first + 3), (first + 12, first + 12))


def test_effects_with_all_their_parts() -> None:
    full = one(
        rule(
            effects=[
                {
                    "type": "earn",
                    "purse": "credit",
                    "calc": {"mode": "percent", "give": 2},
                    "rounding": "half_up",
                    "min": 5,
                    "max": 50,
                    "pending": "P14D",
                    "expiry": {"model": "rolling", "period": "P12M", "end": "quarter"},
                    "to": "partner:77",
                },
                {"type": "ticket", "reference": "L-1"},
                {"type": "earn", "purse": "points", "levels": [{"give": 5}, {"give": 1, "per": 100}]},
                earn(pending="on_action", expiry={"model": "fixed", "at": "1405-12-29"}, to="household"),
            ]
        )
    )
    first, ticket, levels, last = full.effects
    assert (first.type, first.purse, first.mode, first.give, first.per) == (
        EffectType.EARN, 92, CalcMode.RATE, 2, 100)  # fmt: skip
    assert (first.rounding, first.minimum, first.maximum) == (Rounding.HALF_UP, 5, 50)
    assert (first.pending, first.pending_days) == (PendingKind.AFTER, 14)
    assert first.expiry == (ExpiryModel.ROLLING, 12, PeriodUnit.MONTH, PeriodEnd.QUARTER, 0)
    assert (first.to, first.to_number) == (Party.PARTNER, 77)
    assert (ticket.type, ticket.purse, ticket.mode, ticket.give, ticket.reference) == (
        EffectType.TICKET, 99, CalcMode.FIXED, 1, "L-1")  # fmt: skip
    assert levels.levels == ((5, 0), (1, 100))
    assert levels.give == 0
    assert (last.pending, last.to) == (PendingKind.ON_ACTION, Party.HOUSEHOLD)
    assert last.expiry.until_s == seconds("2027-03-21T00:00+03:30")


def test_kinds_phases_and_codes() -> None:
    rules = {
        each.rule_id: each
        for each in compiled(
            rule("EARN"),
            rule("BONUS", stacking={"phase": "bonus"}),
            rule("TIMES", effects=[MULTIPLIER]),
            rule("GIFT", kind="gift", effects=[earn(), cost(3)]),
            rule("GATE", kind="gate", effects=[DENY]),
            rule("PIN", kind="gate", effects=[{"type": "require_pin"}]),
            rule("CONV", kind="convert", trigger="conversion", effects=[CONVERT]),
            discount(),
            burn(),
        ).rules
    }
    assert {name: each.phase for name, each in rules.items() if each.phase != Phase.BASE} == {
        "BONUS": Phase.BONUS,
        "GIFT": Phase.BONUS,
        "TIMES": Phase.MULTIPLIER,
    }
    assert rules["GATE"].effects[0][-3:] == ("57", "نه", "no")
    assert rules["PIN"].effects[0].response_code == "70"
    assert rules["B-1"].effects[0].rounding == Rounding.CEIL
    assert (rules["CONV"].effects[0].purse, rules["CONV"].effects[0].target) == (91, 92)
    assert rules["EARN"].basis == Basis(BasisOf.NET_AFTER_BURN, "", (), ())
    assert rules["D-1"].basis.of == rules["GIFT"].basis.of == BasisOf.AMOUNT
    assert one(rule(basis={"of": "metric:miles"})).basis == Basis(BasisOf.METRIC, "miles", (), ())


def test_caps_limits_budgets_and_counters_have_lasting_names() -> None:
    table = compiled(
        rule(
            caps=[
                {"of": "uses", "per": "card", "window": "rolling:P30D", "limit": 3, "on_hit": "skip"},
                {"of": "liability", "per": "transaction", "limit": 9},
            ],
            budget="B-9",
            stacking={"group": "shop"},
            gate={"agreements": ["terms"], "member_status": ["blocked", "active"]},
            reversal={"on_return": "by_line", "allow_negative": False, "restore_budget": False},
        ),
        **DECLARED,
        groups=[{"name": "shop", "mode": "first"}],
        budgets=[
            {"id": "B-9", "amount": 5, "unit": "rial", "funded_by": [{"party": "merchant", "share": 1000}]}
        ],
        limits=[{"purse": "credit", "of": "units", "per": "member", "window": "day", "limit": 7}],
    )
    got = table.rules[0]
    assert [cap.counter for cap in got.caps] == ["R-1/0", "R-1/1"]
    assert got.caps[0][1:] == (CapOf.USES, CapPer.CARD, CapWindow(WindowKind.ROLLING, 30), 3, False)
    assert got.caps[1].window == CapWindow(WindowKind.LIFETIME, 0)
    assert (got.budget, got.group, got.agreements, got.statuses) == (0, 1, 8, ("active", "blocked"))
    assert (got.on_return, got.allow_negative, got.restore_budget) == (ReturnPolicy.BY_LINE, False, False)
    assert table.groups[0] == ("base", StackMode.SUM)
    assert table.budgets[0].counter == "budget:B-9"
    assert [(limit.purse, limit.cap.counter) for limit in table.limits] == [(92, "limit:credit/0")]
    assert [counter.counter for counter in table.counters] == ["counter:visits", "counter:miles"]
    assert table.programme.segments == (("vip", 0), ("young", 200))


def test_rules_stand_by_priority_then_id_whatever_the_file_says() -> None:
    rules = [rule("R-2", priority=5), rule("R-1", priority=5), rule("R-3", priority=9)]
    assert [each.rule_id for each in compiled(*rules).rules] == ["R-3", "R-1", "R-2"]
    assert compiled(*reversed(rules)).digest == compiled(*rules).digest


def test_only_active_and_scheduled_rules_are_compiled() -> None:
    statuses = ["draft", "in_review", "approved", "scheduled", "active", "paused", "ended", "archived"]
    table = compiled(*(rule(f"R-{index}", status=status) for index, status in enumerate(statuses)))
    assert [each.rule_id for each in table.rules] == ["R-3", "R-4"]


def test_toml_and_json_give_the_same_table() -> None:
    written = tomllib.loads(DEFAULT_TEXT)
    assert compile_rules(json.dumps(written), "json").packed == load_rules(None).packed
    assert compile_rules("\ufeff\n" + json.dumps(written), "json").packed == load_rules(None).packed


def test_the_default_rules() -> None:
    table = load_rules(None)
    by_id = {each.rule_id: each for each in table.rules}
    assert list(by_id) == ["EARN-01", "BURN-04", "EARN-02"]
    points, credit = by_id["EARN-01"].effects[0], by_id["EARN-02"].effects[0]
    assert (points.purse, points.give, points.per, points.rounding) == (91, 100, 1_000_000, Rounding.FLOOR)
    assert (credit.purse, credit.give, credit.per) == (92, 2, 100)
    tenders = {each.purse: (each.give, each.per, each.rounding) for each in by_id["BURN-04"].effects}
    assert tenders == {91: (1, 1000, Rounding.CEIL), 92: (1, 1, Rounding.CEIL)}
    assert by_id["EARN-01"].member_text_fa == "هر ۱۰۰ هزار تومان خرید، ۱۰۰ امتیاز"
    assert table.programme.return_days == 30
    assert {limit.purse: limit.cap.limit for limit in table.limits} == {91: 100_000, 92: 50_000_000}


def test_the_empty_table_has_purses_and_no_rules() -> None:
    assert EMPTY_TABLE.rules == ()
    assert cast("dict[int, object]", EMPTY_TABLE.purses)[91]


def test_many_rules_compile() -> None:
    many = [rule(f"R-{index}", priority=index % 3, effects=effect(max=index + 1)) for index in range(2000)]
    table = compile_rules(text_of(document(*many)), "many")
    assert len(table.rules) == 2000
    assert table.rules[0].rule_id == "R-1001"


def test_what_all_rules_of_a_kind_need() -> None:
    """Whoever gives, and whoever spends; a discount for everybody and a gate need nothing by themselves."""
    rules = [
        rule(gate={"agreements": ["data"]}),
        burn(),
        discount(),
        rule("G-1", kind="gift", trigger="burn_request"),
        rule("D-2", kind="gate", effects=[DENY]),
    ]
    table = compiled(
        *rules,
        agreements={"terms": 3, "data": 0},
        agreements_needed={"earn": ["terms"], "spend": ["terms", "data"]},
    )
    needs = {each.rule_id: each.agreements for each in table.rules}
    assert needs == {"R-1": 9, "B-1": 9, "D-1": 0, "G-1": 9, "D-2": 0}
    unknown = faults_of(document(rule(), agreements_needed={"earn": ["terms"]}))
    assert unknown == ["rule set: agreements_needed.earn: there is no agreement terms"]
