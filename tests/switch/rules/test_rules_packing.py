"""Packed tables: they survive their bytes, and any other bytes are refused or are plainly another table."""

import gc
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switch.rules.caps import CapOf, CapPer, CapWindow, Limit, WindowKind
from switch.rules.compiler import EMPTY_TABLE, compile_rules, load_rules
from switch.rules.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Condition,
    Not,
    NumberSource,
    NumberTest,
    Operator,
    SetTest,
    TextTest,
)
from switch.rules.facts import NumberDimension, SetDimension, TextDimension
from switch.rules.outcome import EffectType, Party
from switch.rules.packing import FORMAT_VERSION, MAGIC, RuleTableFault, collector_paused, pack, unpack
from switch.rules.packing.integers import decode_integers, encode_integers, folded, unfolded
from switch.rules.table import (
    Band,
    Budget,
    CalcMode,
    CounterOf,
    DeclaredCounter,
    Effect,
    Phase,
    Programme,
    RuleTable,
    StackGroup,
    StackMode,
    TableRule,
    TimeWindow,
)
from tests.amounts import many
from tests.switch.rules.rule_files import Json, cost, document, earn, rule, text_of
from tests.switch.rules.strategies import documents

FULL = compile_rules(
    text_of(
        document(
            rule(
                when={
                    "all": [{"f": "amount", "op": ">=", "v": -5}, {"not": {"f": "city", "op": "=", "v": "a"}}]
                },
                caps=[{"of": "units", "per": "member", "window": "rolling:P30D", "limit": 300}],
                budget="B",
                basis={"of": "lines", "include": [{"f": "item.sku", "v": ["x"]}]},
                schedule={
                    "from": "2026-01-01",
                    "to": "2026-12-31",
                    "windows": [{"from": "22:00", "to": "02:00"}],
                    "blackout": ["2026-03-21"],
                },
            ),
            rule(
                "R-2",
                when={"f": "counter.c", "op": ">", "v": 3},
                effects=[earn(to="partner:7", pending="P2D")],
            ),
            rule("R-3", kind="gift", effects=[earn(), cost(5)], stacking={"requires": ["R-1", "R-2"]}),
            rule("R-4", effects=[{**earn(), "calc": {"mode": "banded", "bands": [{"from": 0, "give": 3}]}}]),
            segments={"vip": 3},
            agreements={"terms": 255},
            tiers={"purse": "tier_points", "levels": [{"name": "a", "from": 0}, {"name": "b", "from": 9}]},
            groups=[{"name": "g", "mode": "first"}],
            budgets=[{"id": "B", "amount": 10**12 - 1, "unit": "units"}],
            limits=[{"purse": "points", "of": "liability", "per": "member", "window": "day", "limit": 9}],
            counters=[{"id": "c", "of": "metric:m", "per": "global", "window": "lifetime"}],
        )
    ),
    "full",
)


def same(one: RuleTable, other: RuleTable) -> bool:
    return all(
        getattr(one, name) == getattr(other, name)
        for name in (
            "programme",
            "groups",
            "budgets",
            "limits",
            "counters",
            "rules",
            "packed",
            "digest",
            "purses",
        )
    )


def test_tables_survive_their_bytes() -> None:
    for table in (FULL, EMPTY_TABLE, load_rules(None)):
        assert same(unpack(table.packed), table)
        assert table.packed.startswith(MAGIC + FORMAT_VERSION.to_bytes(2, "big"))


@settings(max_examples=many(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_random_tables_survive_their_bytes(written: Json) -> None:
    table = compile_rules(text_of(written), "random")
    again = unpack(table.packed)
    assert same(again, table)
    assert again.rules == table.rules
    # Enumerations come back as themselves, not as plain numbers.
    assert repr(again.rules) == repr(table.rules)


def survives_or_is_refused(packed: bytes) -> None:
    try:
        table = unpack(packed)
    except RuleTableFault:
        return
    # What is taken is in its only form.
    assert (
        pack(table.programme, table.groups, table.budgets, table.limits, table.counters, table.rules)
        == packed
    )
    assert table.packed == packed


@settings(max_examples=many(400), deadline=None)
@given(st.data())
def test_changed_bytes_are_refused_or_another_table(data: st.DataObject) -> None:
    packed = bytearray(FULL.packed)
    for _ in range(data.draw(st.integers(1, 3))):
        offset = data.draw(st.integers(0, len(packed) - 1))
        packed[offset] ^= data.draw(st.integers(1, 255))
    survives_or_is_refused(bytes(packed))


def test_many_changed_numbers_are_refused_or_another_table() -> None:
    """Numbers changed one by one: beyond their bounds, to their neighbours, left out and said twice."""
    text_bytes = int.from_bytes(FULL.packed[10:14], "big")
    head, numbers = FULL.packed[: 14 + text_bytes], decode_integers(FULL.packed[14 + text_bytes :])
    dice = random.Random(4)
    for place, number in enumerate(numbers):
        for other in (0, 1, number + 1, max(number - 1, 0), dice.randrange(300), 1 << 250):
            survives_or_is_refused(head + encode_integers([*numbers[:place], other, *numbers[place + 1 :]]))
        survives_or_is_refused(head + encode_integers(numbers[:place] + numbers[place + 1 :]))
        survives_or_is_refused(head + encode_integers([*numbers[: place + 1], *numbers[place:]]))


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(garbage: bytes) -> None:
    for packed in (garbage, FULL.packed[:14] + garbage, MAGIC + FORMAT_VERSION.to_bytes(2, "big") + garbage):
        with pytest.raises(RuleTableFault):
            unpack(packed)


def test_short_and_long_bytes_are_refused() -> None:
    for length in range(len(FULL.packed)):
        with pytest.raises(RuleTableFault):
            unpack(FULL.packed[:length])
    with pytest.raises(RuleTableFault):
        unpack(FULL.packed + b"\0")


def test_other_formats_are_refused() -> None:
    with pytest.raises(RuleTableFault, match="not a rule table"):
        unpack(b"VRUX" + FULL.packed[4:])
    with pytest.raises(RuleTableFault, match="format 1 is unknown"):
        unpack(MAGIC + b"\0\1" + FULL.packed[6:])


RULE = FULL.rules[0]
EFFECT = RULE.effects[0]


def whole(
    *,
    programme: Programme = FULL.programme,
    groups: tuple[StackGroup, ...] = FULL.groups,
    budgets: tuple[Budget, ...] = FULL.budgets,
    limits: tuple[Limit, ...] = FULL.limits,
    counters: tuple[DeclaredCounter, ...] = FULL.counters,
    rules: tuple[TableRule, ...] = FULL.rules,
) -> bytes:
    """Bytes of the full table with some parts replaced."""
    return pack(programme, groups, budgets, limits, counters, rules)


def first(changed: TableRule) -> bytes:
    """Bytes of the full table with its first rule replaced."""
    return whole(rules=(changed, *FULL.rules[1:]))


def effect(changed: Effect) -> bytes:
    """Bytes of the full table with the effect of its first rule replaced."""
    return first(RULE._replace(effects=(changed,)))


def deep(levels: int) -> Condition:
    found: Condition = SetTest(SetDimension.SEGMENT, Operator.HAS_ANY, 1)
    for _ in range(levels):
        found = Not(found)
    return found


def number(low: int | None, high: int | None, operator: Operator = Operator.BETWEEN) -> NumberTest:
    return NumberTest(NumberSource.FACT, NumberDimension.AMOUNT, "", operator, low, high)


CITY = TextTest(TextDimension.CITY, Operator.IN, ("a",))
PROGRAMME: Programme = FULL.programme
CAP = RULE.caps[0]
BUDGET = FULL.budgets[0]
COUNTER = FULL.counters[0]
POINTS = PROGRAMME.purses[1]


@pytest.mark.parametrize(
    "packed",
    [
        first(RULE._replace(rule_id="R-2")),
        first(RULE._replace(rule_id="")),
        first(RULE._replace(version=0)),
        first(RULE._replace(priority=99)),
        first(RULE._replace(triggers=())),
        first(RULE._replace(triggers=("visit", "purchase"))),
        first(RULE._replace(valid_until_s=0)),
        first(RULE._replace(windows=(TimeWindow(0, 0, 60),))),
        first(RULE._replace(windows=(TimeWindow(1, 1440, 60),))),
        first(RULE._replace(blackout=((5, 4),))),
        first(RULE._replace(blackout=((5, 6), (1, 2)))),
        first(RULE._replace(statuses=("b", "a"))),
        first(RULE._replace(budget=1)),
        first(RULE._replace(group=2)),
        first(RULE._replace(phase=Phase.MULTIPLIER)),
        first(RULE._replace(effects=())),
        first(RULE._replace(excludes=("b", "b"))),
        first(RULE._replace(condition=deep(11))),
        first(RULE._replace(condition=All((CITY,) * 81))),
        first(RULE._replace(condition=All((CITY,)))),
        first(RULE._replace(condition=AnyOf(()))),
        first(RULE._replace(condition=CITY._replace(values=()))),
        first(RULE._replace(condition=CITY._replace(operator=Operator.EXISTS))),
        first(RULE._replace(condition=CITY._replace(operator=Operator.HAS_ANY))),
        first(RULE._replace(condition=CITY._replace(values=("b", "a")))),
        first(RULE._replace(condition=CITY._replace(values=tuple(f"{value:04}" for value in range(2001))))),
        first(RULE._replace(condition=SetTest(SetDimension.SEGMENT, Operator.HAS_ALL, 0))),
        first(RULE._replace(condition=number(None, None))),
        first(RULE._replace(condition=number(3, 2))),
        first(RULE._replace(condition=number(3, 4, Operator.NOT_EQUAL))),
        first(RULE._replace(condition=number(3, None, Operator.EXISTS))),
        first(RULE._replace(condition=number(-(10**13), None))),
        first(RULE._replace(condition=number(1, 2)._replace(name="x"))),
        first(RULE._replace(condition=number(1, 2)._replace(source=NumberSource.METRIC, index=0))),
        first(RULE._replace(condition=number(1, 2)._replace(source=NumberSource.COUNTER, index=1))),
        first(RULE._replace(condition=number(1, 2)._replace(source=NumberSource.BALANCE, index=60))),
        first(RULE._replace(condition=number(1, 2)._replace(index=17))),
        effect(EFFECT._replace(purse=60)),
        effect(EFFECT._replace(purse=0)),
        effect(EFFECT._replace(target=91)),
        effect(EFFECT._replace(type=EffectType.COST)),
        effect(EFFECT._replace(type=EffectType.TENDER)),
        effect(EFFECT._replace(mode=CalcMode.MULTIPLIER)),
        effect(EFFECT._replace(mode=CalcMode.FIXED)),
        effect(EFFECT._replace(mode=CalcMode.BANDED)),
        effect(EFFECT._replace(give=0)),
        effect(EFFECT._replace(per=0)),
        effect(EFFECT._replace(give=10**12)),
        effect(EFFECT._replace(bands=(Band(0, 1, 0),))),
        effect(EFFECT._replace(minimum=9999)),
        effect(EFFECT._replace(share_max=1001)),
        effect(EFFECT._replace(pending_days=1)),
        effect(EFFECT._replace(expiry=EFFECT.expiry._replace(count=1))),
        effect(EFFECT._replace(to=Party.PARTNER)),
        effect(EFFECT._replace(to_number=1)),
        effect(EFFECT._replace(to=Party.GIFT_CARD)),
        first(RULE._replace(caps=(CAP._replace(limit=0),))),
        first(RULE._replace(caps=(CAP._replace(window=CapWindow(WindowKind.ROLLING, 0)),))),
        first(RULE._replace(caps=(CAP._replace(window=CapWindow(WindowKind.DAY, 1)),))),
        first(RULE._replace(caps=(CAP._replace(per=CapPer.TRANSACTION),))),
        first(RULE._replace(caps=(CAP,) * 9)),
        whole(rules=FULL.rules[::-1]),
        whole(programme=PROGRAMME._replace(time_zone="Asia/Atlantis")),
        whole(programme=PROGRAMME._replace(purses=())),
        whole(programme=PROGRAMME._replace(purses=PROGRAMME.purses[::-1])),
        whole(programme=PROGRAMME._replace(purses=(POINTS._replace(value_per=0),))),
        whole(programme=PROGRAMME._replace(purses=(POINTS._replace(currency="36"),))),
        whole(programme=PROGRAMME._replace(segments=(("a", 1), ("b", 1)))),
        whole(programme=PROGRAMME._replace(agreements=(("a", 2), ("a", 3)))),
        whole(programme=PROGRAMME._replace(tiers=())),
        whole(programme=PROGRAMME._replace(tiers=PROGRAMME.tiers[1:])),
        whole(programme=PROGRAMME._replace(tier_purse=0)),
        whole(programme=PROGRAMME._replace(hold_minutes=0)),
        whole(groups=()),
        whole(groups=FULL.groups[::-1]),
        whole(groups=(FULL.groups[0], FULL.groups[0]._replace(mode=StackMode.FIRST))),
        whole(budgets=(BUDGET, BUDGET)),
        whole(budgets=(BUDGET._replace(funders=(BUDGET.funders[0]._replace(share=999),)),)),
        whole(budgets=(BUDGET._replace(funders=(BUDGET.funders[0]._replace(party=Party.MEMBER),)),)),
        whole(limits=(FULL.limits[0]._replace(purse=60),)),
        whole(limits=(FULL.limits[0]._replace(cap=CAP._replace(of=CapOf.USES)),)),
        whole(counters=(COUNTER, COUNTER)),
        whole(counters=(COUNTER._replace(of=CounterOf.VISITS),)),
        whole(counters=(COUNTER._replace(per=CapPer.TRANSACTION),)),
    ],
)
def test_what_no_compiler_makes_is_refused(packed: bytes) -> None:
    with pytest.raises(RuleTableFault):
        unpack(packed)


def test_what_was_changed_there_was_right_before() -> None:
    assert first(RULE) == effect(EFFECT) == whole() == FULL.packed
    assert unpack(first(RULE._replace(condition=deep(10)))).rules[0].condition == deep(10)
    assert unpack(first(RULE._replace(condition=ALWAYS))).rules[0].condition == ALWAYS


def test_texts_stand_once_and_in_their_order() -> None:
    """The same table with its texts in another order, with a text twice, and with one that nothing uses."""
    count, size = int.from_bytes(FULL.packed[6:10], "big"), int.from_bytes(FULL.packed[10:14], "big")
    texts, numbers = FULL.packed[14 : 14 + size], FULL.packed[14 + size :]
    length = 2 + int.from_bytes(texts[:2], "big")

    def packed(other: bytes, more: int) -> bytes:
        sizes = (count + more).to_bytes(4, "big") + len(other).to_bytes(4, "big")
        return FULL.packed[:6] + sizes + other + numbers

    assert packed(texts, 0) == FULL.packed
    for other, more in ((texts + b"\0\1z", 1), (texts + texts[:length], 1), (texts + b"\0\2\xff\xff", 1)):
        with pytest.raises(RuleTableFault):
            unpack(packed(other, more))
    survives_or_is_refused(packed(texts[length:] + texts[:length], 0))


@given(st.lists(st.integers(0, (1 << 256) - 1) | st.integers(0, 300)))
def test_integers_survive_their_bytes(values: list[int]) -> None:
    assert decode_integers(encode_integers(values)) == values


@given(st.binary(max_size=40))
def test_integers_have_one_form(encoded: bytes) -> None:
    try:
        values = decode_integers(encoded)
    except RuleTableFault:
        return
    assert encode_integers(values) == encoded


@given(st.integers(-(10**15), 10**15))
def test_folding(value: int) -> None:
    assert unfolded(folded(value)) == value
    assert folded(value) >= 0


def test_the_collector_runs_again_afterwards() -> None:
    assert gc.isenabled()
    unpack(FULL.packed)
    with pytest.raises(RuleTableFault):
        unpack(b"")
    assert gc.isenabled()
    with collector_paused(), collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()
