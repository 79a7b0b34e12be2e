"""Conditions and the other tests of a rule, made into functions once when a table is loaded."""

from collections.abc import Callable, Sequence

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
from switch.rules.counting import value_of
from switch.rules.evaluator.run import Run
from switch.rules.facts import Facts, NumberDimension, TextDimension
from switch.rules.outcome import EffectType
from switch.rules.table import DeclaredCounter, Kind, TableRule, TimeWindow

Check = Callable[[Run], bool]
Reader = Callable[[Run], int | None]
LineSelector = Callable[[Run], int]

PURCHASE = "purchase"
BURN_REQUEST = "burn_request"

# What the evaluator itself knows; other numbers come with the request.
_OWN_NUMBERS: dict[NumberDimension, Reader] = {
    NumberDimension.NET_AMOUNT: lambda run: run.net,
    NumberDimension.POINTS_PAID: lambda run: run.points_paid,
    NumberDimension.LINE_COUNT: lambda run: len(run.lines) or None,
    NumberDimension.ITEM_QUANTITY: lambda run: (
        sum(line.quantity for line in run.lines) if run.lines else None
    ),
    NumberDimension.DATE: lambda run: run.moment.day.date,
    NumberDimension.WEEKDAY: lambda run: run.moment.day.weekday,
    NumberDimension.MINUTE: lambda run: run.moment.minute,
    NumberDimension.MONTH: lambda run: run.moment.day.month,
    NumberDimension.DAY: lambda run: run.moment.day.day,
    NumberDimension.JALALI_DATE: lambda run: run.moment.day.jalali_date,
    NumberDimension.JALALI_MONTH: lambda run: run.moment.day.jalali_month,
    NumberDimension.JALALI_DAY: lambda run: run.moment.day.jalali_day,
}


def always(_run: Run) -> bool:
    """A test that everything passes."""
    return True


def all_of(checks: Sequence[Check]) -> Check | None:
    """One test for all; None where there are none."""
    if not checks:
        return None
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda run: first(run) and second(run)
    several = tuple(checks)

    def check(run: Run) -> bool:
        for part in several:  # noqa: SIM110  (all() with a generator takes twice the time)
            if not part(run):
                return False
        return True

    return check


def any_of(checks: Sequence[Check]) -> Check:
    """One test for at least one of them."""
    if len(checks) == 2:
        first, second = checks
        return lambda run: first(run) or second(run)
    several = tuple(checks)

    def check(run: Run) -> bool:
        for part in several:  # noqa: SIM110  (as above)
            if part(run):
                return True
        return False

    return check


def condition_check(condition: Condition, counters: tuple[DeclaredCounter, ...]) -> Check:
    """The function of a condition tree."""
    if isinstance(condition, TextTest):
        return _text_check(condition)
    if isinstance(condition, NumberTest):
        return _number_check(condition, counters)
    if isinstance(condition, SetTest):
        return _set_check(condition)
    if isinstance(condition, ItemTest):
        return _item_check(condition)
    if isinstance(condition, All):
        return all_of([condition_check(part, counters) for part in condition.parts]) or always
    if isinstance(condition, AnyOf):
        return any_of([condition_check(part, counters) for part in condition.parts])
    inner = condition_check(condition.part, counters)
    return lambda run: not inner(run)


def flat(condition: Condition) -> list[Condition]:
    """The parts that all have to hold."""
    if isinstance(condition, All):
        return [inner for part in condition.parts for inner in flat(part)]
    return [condition]


def tests_of(condition: Condition) -> list[TextTest | NumberTest | SetTest | ItemTest]:
    """All leaves of a tree."""
    if isinstance(condition, All | AnyOf):
        return [test for part in condition.parts for test in tests_of(part)]
    if isinstance(condition, Not):
        return tests_of(condition.part)
    return [condition]


def _text_check(test: TextTest) -> Check:
    dimension = int(test.dimension)
    if test.operator == Operator.EXISTS:
        return lambda run: run.texts[dimension] != ""
    if test.operator == Operator.NOT_IN:
        refused = frozenset((*test.values, ""))  # an unknown text fails as well
        return lambda run: run.texts[dimension] not in refused
    values = frozenset(test.values) - {""}
    if len(values) == 1:
        (value,) = values
        return lambda run: run.texts[dimension] == value
    return lambda run: run.texts[dimension] in values


def number_reader(test: NumberTest, counters: tuple[DeclaredCounter, ...]) -> Reader:
    """How the number of a test is found; None where it is unknown."""
    index, name = test.index, test.name
    if test.source == NumberSource.BALANCE:
        return lambda run: run.facts.balances.get(index, 0)
    if test.source == NumberSource.METRIC:
        return lambda run: run.facts.metrics.get(name)
    if test.source == NumberSource.COUNTER:
        declared = counters[index]
        return lambda run: value_of(run.counters, declared, run.subject, run.moment, run.calendar)
    own = _OWN_NUMBERS.get(NumberDimension(index))
    return own if own is not None else lambda run: run.numbers[index]


def _number_check(test: NumberTest, counters: tuple[DeclaredCounter, ...]) -> Check:
    reader, low, high = number_reader(test, counters), test.low, test.high
    if test.operator == Operator.EXISTS:
        return lambda run: reader(run) is not None
    if test.operator == Operator.NOT_EQUAL:
        return lambda run: (value := reader(run)) is not None and value != low
    if high is None:
        if low is None:
            return lambda run: reader(run) is not None
        least = low
        return lambda run: (value := reader(run)) is not None and value >= least
    most = high
    if low is None:
        return lambda run: (value := reader(run)) is not None and value <= most
    return lambda run: (value := reader(run)) is not None and low <= value <= most


def _set_check(test: SetTest) -> Check:
    dimension, mask = int(test.dimension), test.mask
    if test.operator == Operator.EXISTS:
        return lambda run: run.sets[dimension] != 0
    if test.operator == Operator.HAS_ALL:
        return lambda run: (value := run.sets[dimension]) != 0 and value & mask == mask
    return lambda run: run.sets[dimension] & mask != 0


def _item_check(test: ItemTest) -> Check:
    select = line_selector(test)
    if test.operator == Operator.ALL_LINES:
        return lambda run: len(run.lines) > 0 and select(run) == (1 << len(run.lines)) - 1
    return lambda run: select(run) != 0


def line_selector(test: ItemTest) -> LineSelector:
    """The bits of the basket lines that are among those of a test, whatever its operator."""
    dimension, values = int(test.dimension), frozenset(test.values)

    def select(run: Run) -> int:
        found = run.articles()[dimension]
        bits = 0
        if len(values) < len(found):
            for value in values:
                bits |= found.get(value, 0)
        else:
            for value, lines in found.items():
                if value in values:
                    bits |= lines
        return bits

    return select


def trigger_check(rule: TableRule) -> Check:
    """Whether the request is of the kind that the rule looks at."""
    triggers = frozenset(rule.triggers)
    if BURN_REQUEST not in triggers:
        return lambda run: run.facts.trigger in triggers
    burning = frozenset((PURCHASE, BURN_REQUEST))
    if rule.kind == Kind.CONVERT:
        return lambda run: False
    if rule.kind == Kind.BURN:
        purses = frozenset(effect.purse for effect in rule.effects if effect.type == EffectType.TENDER)
        return lambda run: run.facts.trigger in burning and run.facts.tender_purse in purses
    if rule.kind == Kind.GATE:
        return lambda run: run.facts.trigger in burning and is_redeeming(run.facts)
    rule_id = rule.rule_id
    return lambda run: run.facts.trigger in burning and run.facts.reward == rule_id


def is_redeeming(facts: Facts) -> bool:
    """Whether a request pays from a purse or claims a reward."""
    return facts.tender_purse != 0 or facts.reward != ""


def validity_check(rule: TableRule) -> Check:
    """Whether the rule is valid at the time that the rules look at."""
    valid_from_s, valid_until_s = rule.valid_from_s, rule.valid_until_s
    return lambda run: valid_from_s <= run.facts.at_s < valid_until_s


def window_check(windows: tuple[TimeWindow, ...]) -> Check:
    """Whether one of the windows holds."""
    return lambda run: in_windows(windows, run.moment.day.weekday, run.moment.minute)


def in_windows(windows: tuple[TimeWindow, ...], weekday: int, minute: int) -> bool:
    """Whether a minute of a day (Saturday 1) is in one of the windows."""
    today, yesterday = 1 << weekday - 1, 1 << (weekday - 2) % 7
    for days, from_minute, until_minute in windows:
        if until_minute > from_minute:
            if days & today and from_minute <= minute < until_minute:
                return True
        elif (days & today and minute >= from_minute) or (days & yesterday and minute < until_minute):
            return True
    return False


def blackout_check(blackout: tuple[tuple[int, int], ...]) -> Check:
    """Whether the day is none of the days on which the rule rests."""
    return lambda run: all(not first <= run.moment.day.ordinal <= last for first, last in blackout)


def agreements_check(agreements: int) -> Check:
    """Whether the member has agreed to all."""
    return lambda run: run.sets[1] & agreements == agreements


def status_check(statuses: tuple[str, ...]) -> Check:
    """Whether the member is in one of the states."""
    allowed = frozenset(statuses)
    return lambda run: run.texts[TextDimension.MEMBER_STATUS] in allowed
