"""Builders of rule tables, facts and counters: what a test doesn't name is plain and passes everything."""

from datetime import datetime
from zoneinfo import ZoneInfo

from switch.rules.caps import Cap, CapOf, CapPer, CapWindow, Limit, WindowKind
from switch.rules.conditions import ALWAYS, ItemTest, NumberSource, NumberTest, Operator, TextTest
from switch.rules.facts import Facts, ItemDimension, Line, NumberDimension, Subject, TextDimension
from switch.rules.outcome import CounterKey, EffectType, Outcome, Party, ReturnPolicy
from switch.rules.purses import Purse, PurseUnit
from switch.rules.table import (
    ALWAYS_FROM_S,
    FOREVER_UNTIL_S,
    Basis,
    BasisOf,
    Budget,
    CalcMode,
    Calendar,
    DeclaredCounter,
    Effect,
    Expiry,
    ExpiryModel,
    Kind,
    PendingKind,
    PeriodEnd,
    PeriodUnit,
    Phase,
    Programme,
    Rounding,
    RuleTable,
    StackGroup,
    StackMode,
    TableRule,
)

POINTS, CREDIT, ITEMS, VOUCHERS = 91, 92, 90, 98
NEVER = Expiry(ExpiryModel.NEVER, 0, PeriodUnit.DAY, PeriodEnd.DAY, 0)
LIFETIME = CapWindow(WindowKind.LIFETIME, 0)
DAY = CapWindow(WindowKind.DAY, 0)
SUBJECT = Subject(member=7, card=70, household=0, merchant=5, branch=51, terminal=52, operator=53)


def purse(code: int, name: str, value_give: int = 1, value_per: int = 1) -> Purse:
    """A purse whose unit is worth `value_give` / `value_per` rial."""
    unit = PurseUnit.POINTS
    return Purse(code, name, name, name, unit, "999", value_give, value_per, 0, True, False, True, 0, 0)


PURSES = (
    purse(POINTS, "points", 1000),
    purse(CREDIT, "credit"),
    purse(ITEMS, "items", 2500),
    purse(VOUCHERS, "vouchers", 7, 3),
)
EFFECT = Effect(
    type=EffectType.EARN,
    purse=POINTS,
    target=0,
    mode=CalcMode.RATE,
    give=1,
    per=100,
    bands=(),
    rounding=Rounding.FLOOR,
    minimum=0,
    maximum=0,
    step=0,
    share_max=0,
    pending=PendingKind.NONE,
    pending_days=0,
    expiry=NEVER,
    to=Party.MEMBER,
    to_number=0,
    levels=(),
    reference="",
    response_code="",
    text_fa="",
    text_en="",
)
RULE = TableRule(
    rule_id="R-1",
    version=1,
    kind=Kind.EARN,
    phase=Phase.BASE,
    priority=100,
    triggers=("purchase",),
    name_fa="",
    name_en="",
    member_text_fa="",
    member_text_en="",
    valid_from_s=ALWAYS_FROM_S,
    valid_until_s=FOREVER_UNTIL_S,
    windows=(),
    blackout=(),
    condition=ALWAYS,
    agreements=0,
    statuses=(),
    basis=Basis(BasisOf.NET_AFTER_BURN, "", (), ()),
    effects=(EFFECT,),
    caps=(),
    budget=None,
    group=0,
    excludes=(),
    requires=(),
    stop_after=False,
    on_return=ReturnPolicy.PRO_RATA,
    allow_negative=True,
    restore_budget=True,
)
RATE, DISCOUNT, TENDER, DENY, COST, CONVERT = (
    EFFECT,
    EFFECT._replace(type=EffectType.DISCOUNT, purse=0),
    EFFECT._replace(type=EffectType.TENDER, rounding=Rounding.CEIL),
    EFFECT._replace(type=EffectType.DENY, response_code="57", text_fa="نه", text_en="no"),
    EFFECT._replace(type=EffectType.COST, mode=CalcMode.FIXED),
    EFFECT._replace(type=EffectType.CONVERT, target=CREDIT),
)
BASE_GROUP = StackGroup("base", StackMode.SUM)


def fixed(give: int, purse_code: int = POINTS) -> Effect:
    """A fixed earning."""
    return EFFECT._replace(mode=CalcMode.FIXED, give=give, per=0, purse=purse_code)


def multiplier(give: int, per: int = 1, rounding: Rounding = Rounding.FLOOR) -> Effect:
    """`give` / `per` times the base earning."""
    return EFFECT._replace(mode=CalcMode.MULTIPLIER, give=give, per=per, rounding=rounding)


def basis(of: BasisOf, include: tuple[ItemTest, ...] = (), exclude: tuple[ItemTest, ...] = ()) -> Basis:
    """A basis with selected lines; the metric is called miles."""
    return Basis(of, "miles", include, exclude)


def sku(*values: str, operator: Operator = Operator.ANY_LINE) -> ItemTest:
    """A test of articles."""
    return ItemTest(ItemDimension.SKU, operator, values)


def one_of(dimension: TextDimension, *values: str, operator: Operator = Operator.IN) -> TextTest:
    """A test of a text."""
    return TextTest(dimension, operator, tuple(sorted(values)))


def between(dimension: NumberDimension, low: int | None, high: int | None = None) -> NumberTest:
    """A test of a number that comes with the request or that the evaluator knows."""
    return NumberTest(NumberSource.FACT, int(dimension), "", Operator.BETWEEN, low, high)


def counter_test(index: int, low: int | None, high: int | None = None) -> NumberTest:
    """A test of a declared counter."""
    return NumberTest(NumberSource.COUNTER, index, "", Operator.BETWEEN, low, high)


def cap(
    of: CapOf, limit: int, per: CapPer = CapPer.MEMBER, window: CapWindow = LIFETIME, *, clips: bool = True
) -> Cap:
    """A cap of rule R-1 that is its only one of this kind."""
    return Cap(f"cap/{of.name}", of, per, window, limit, clips)


def key(counter: str, per: CapPer = CapPer.MEMBER, number: int = 7) -> CounterKey:
    """The key of a lifetime counter."""
    return CounterKey(counter, per << 56 | number, 0, 0xFFFF_FFFF)


def table(
    *rules: TableRule,
    groups: tuple[StackGroup, ...] = (BASE_GROUP,),
    budgets: tuple[Budget, ...] = (),
    limits: tuple[Limit, ...] = (),
    counters: tuple[DeclaredCounter, ...] = (),
    time_zone: str = "Asia/Tehran",
    calendar: Calendar = Calendar.JALALI,
) -> RuleTable:
    """A table; rules are put into evaluation order."""
    programme = Programme(
        "test",
        time_zone,
        calendar,
        PURSES,
        (("vip", 0), ("far", 255)),
        (("A-1", 0), ("A-2", 1)),
        0,
        (),
        30,
        60,
    )
    ordered = tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.rule_id)))
    return RuleTable(programme, groups, budgets, limits, counters, ordered, b"")


def at(text: str, time_zone: str = "Asia/Tehran") -> int:
    """UTC seconds of a local time such as 2026-03-21T12:00."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone)).timestamp())


NOON_S = at("2026-05-05T12:00")  # a Tuesday, 1405-02-15


def facts(amount: int | None = 10_000, at_s: int = NOON_S, **texts: str) -> Facts:
    """A purchase by member 7 at merchant 5; texts by the names of their dimensions, as `merchant="M1"`."""
    known = [""] * len(TextDimension)
    for name, value in texts.items():
        known[TextDimension[name.upper()]] = value
    numbers: list[int | None] = [None] * len(NumberDimension)
    numbers[NumberDimension.AMOUNT] = amount
    return Facts(
        "purchase",
        at_s,
        tuple(known),
        tuple(numbers),
        (0, 0),
        {},
        {},
        (),
        SUBJECT,
        (),
        False,
        "",
        0,
        None,
        None,
    )


def line(article: str, amount: int, quantity: int = 1, category: str = "", *labels: str) -> Line:
    """A basket line."""
    return Line(article, category, labels, quantity, amount)


class Counters:
    """Counters with given values, 0 for others."""

    def __init__(self, values: dict[CounterKey, int] | None = None) -> None:
        self.values = values or {}

    def value(self, key: CounterKey) -> int:
        """Present value."""
        return self.values.get(key, 0)


def granted(outcome: Outcome) -> list[tuple[str, int]]:
    """Rule and amount of every grant of an outcome, in order."""
    return [(grant.rule_id, grant.granted) for grant in outcome.grants]
