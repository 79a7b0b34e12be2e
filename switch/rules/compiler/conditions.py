"""Written conditions as tests of the table."""

import re
from collections.abc import Callable, Sequence
from typing import Final, cast

from switch.rules.compiler.dates import compact_date, minute_of
from switch.rules.compiler.faults import FaultSink
from switch.rules.compiler.logic import all_of, any_of, negated
from switch.rules.compiler.names import Names
from switch.rules.conditions import (
    ALWAYS,
    Condition,
    ItemTest,
    NumberSource,
    NumberTest,
    Operator,
    SetTest,
    TextTest,
)
from switch.rules.facts import (
    ITEM_NAMES,
    NUMBER_NAMES,
    SET_BITS,
    SET_NAMES,
    TEXT_NAMES,
    NumberDimension,
    TextDimension,
)
from switch.rules.packing.bounds import WRITTEN_DEPTH_MAX, WRITTEN_TESTS_MAX
from switch.rules.schema.conditions import AllOf, ItemSelection, NotCondition, Test
from switch.rules.schema.conditions import Condition as Written
from switch.rules.schema.values import WEEKDAYS

# EXISTS looks at every bit of a set.
WHOLE_SET: Final = (1 << SET_BITS) - 1

_METRIC: Final = re.compile(r"[a-z][a-z0-9_]{0,15}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

_TEXT_OPS: Final = {
    "=": Operator.IN,
    "in": Operator.IN,
    "!=": Operator.NOT_IN,
    "not_in": Operator.NOT_IN,
    "exists": Operator.EXISTS,
}
_NUMBER_OPS: Final = ("=", "!=", "<", "<=", ">", ">=", "in", "not_in", "between", "exists")
_SET_OPS: Final = {
    "has": Operator.HAS_ANY,
    "has_any": Operator.HAS_ANY,
    "has_all": Operator.HAS_ALL,
    "exists": Operator.EXISTS,
}
_ITEM_OPS: Final = {"any_in": Operator.ANY_LINE, "all_in": Operator.ALL_LINES}
_LIST_OPS: Final = ("in", "not_in", "between", "has_any", "has_all", "any_in", "all_in")
# Values that a number of the calendar can have.
_RANGES: Final = {
    NumberDimension.WEEKDAY: (1, 7),
    NumberDimension.MINUTE: (0, 1439),
    NumberDimension.MONTH: (1, 12),
    NumberDimension.DAY: (1, 31),
    NumberDimension.JALALI_MONTH: (1, 12),
    NumberDimension.JALALI_DAY: (1, 31),
}
# Stands where there's a fault; anything but ALWAYS, which an any can't hold.
_FAULTY: Final = TextTest(TextDimension.CHANNEL, Operator.EXISTS, ())


class _TestFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A test makes no sense; the text says why."""


class ConditionCompiler:
    """Compiles the conditions of one document."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def condition(self, written: Written | None, path: str, faults: FaultSink) -> Condition:
        """The normal form of a written condition; none always holds."""
        if written is None:
            return ALWAYS
        budget = [WRITTEN_TESTS_MAX]
        compiled = self._tree(written, path, faults, budget, WRITTEN_DEPTH_MAX)
        if budget[0] < 0:
            faults.add(path, f"a condition has at most {WRITTEN_TESTS_MAX} tests, lists of numbers counted")
        return compiled

    def selections(self, written: Sequence[ItemSelection]) -> tuple[ItemTest, ...]:
        """Tests that select basket lines."""
        return tuple(
            ItemTest(ITEM_NAMES[test.f], Operator.ANY_LINE, tuple(sorted(set(test.v)))) for test in written
        )

    def _tree(
        self, written: Written, path: str, faults: FaultSink, budget: list[int], levels_left: int
    ) -> Condition:
        if levels_left == 0:
            faults.add(path, f"a condition has at most {WRITTEN_DEPTH_MAX} levels")
            return _FAULTY
        if isinstance(written, Test):
            return self._test(written, path, faults, budget)
        if isinstance(written, NotCondition):
            return negated(self._tree(written.not_, f"{path}.not", faults, budget, levels_left - 1))
        is_all = isinstance(written, AllOf)
        parts = written.all if isinstance(written, AllOf) else written.any
        path = f"{path}.all" if is_all else f"{path}.any"
        compiled = [
            self._tree(part, f"{path}.{index}", faults, budget, levels_left - 1)
            for index, part in enumerate(parts)
        ]
        return all_of(compiled) if is_all else any_of(compiled)

    def _test(self, test: Test, path: str, faults: FaultSink, budget: list[int]) -> Condition:
        budget[0] -= 1
        try:
            return self._compiled(test, path, faults, budget)
        except _TestFault as fault:
            faults.add(path, str(fault))
        return _FAULTY

    def _compiled(self, test: Test, path: str, faults: FaultSink, budget: list[int]) -> Condition:
        name, op = test.f, test.op
        if (op == "exists") != (test.v is None):
            raise _TestFault(f"op {op} {'needs' if test.v is None else 'has no'} v")
        if test.v is not None and (op in _LIST_OPS) != isinstance(test.v, tuple):
            raise _TestFault(f"op {op} takes {'a list' if op in _LIST_OPS else 'one value'}")
        if name in TEXT_NAMES:
            return self._text(test, path, faults)
        if name in NUMBER_NAMES:
            dimension = NUMBER_NAMES[name]
            exists = _exists(NumberSource.FACT, dimension)
            return _number(test, exists, lambda value: _fact(dimension, value), budget)
        if name in SET_NAMES:
            operator = _operator(test, _SET_OPS)
            mask = self.names.mask(name, _texts(test), path, faults) if test.v is not None else WHOLE_SET
            if mask.bit_count() == 1:
                operator = Operator.HAS_ANY
            return SetTest(SET_NAMES[name], operator, mask)
        if name in ITEM_NAMES:
            return ItemTest(ITEM_NAMES[name], _operator(test, _ITEM_OPS), _texts(test))
        return self._named_number(test, path, faults, budget)

    def _text(self, test: Test, path: str, faults: FaultSink) -> Condition:
        dimension = TEXT_NAMES[test.f]
        values = _texts(test)
        if dimension == TextDimension.TIER and self.names.tiers and "tiers" not in self.names.unjudged:
            for value in values:
                if value not in self.names.tiers:
                    faults.add(path, f"there is no tier {value}")
        return TextTest(dimension, _operator(test, _TEXT_OPS), values)

    def _named_number(self, test: Test, path: str, faults: FaultSink, budget: list[int]) -> Condition:
        family, _, name = test.f.partition(".")
        if family == "balance":
            code = self.names.purse(name, path, faults)
            return _number(test, _exists(NumberSource.BALANCE, code), _whole, budget)
        if family == "counter":
            place = self.names.counter(name, path, faults)
            return _number(test, _exists(NumberSource.COUNTER, place), _whole, budget)
        if family == "metric":
            if not _METRIC.fullmatch(name):
                raise _TestFault(f"{name} is no name of a metric")
            return _number(test, _exists(NumberSource.METRIC, 0, name), _whole, budget)
        raise _TestFault(f"there is no fact {test.f}")


def _operator(test: Test, operators: dict[str, Operator]) -> Operator:
    operator = operators.get(test.op)
    if operator is None:
        raise _TestFault(f"{test.f} has no op {test.op}, only {', '.join(operators)}")
    return operator


def _texts(test: Test) -> tuple[str, ...]:
    values = test.values
    for value in values:
        if not isinstance(value, str):
            raise _TestFault(f"{test.f} is compared with texts, not with {value}")
    return (
        tuple(sorted(set(cast("tuple[str, ...]", values))))
        if len(values) > 1
        else cast("tuple[str, ...]", values)
    )


def _exists(source: NumberSource, index: int, name: str = "") -> NumberTest:
    return NumberTest(source, index, name, Operator.EXISTS, None, None)


def _number(test: Test, exists: NumberTest, read: Callable[[int | str], int], budget: list[int]) -> Condition:
    op = test.op
    if op not in _NUMBER_OPS:
        raise _TestFault(f"{test.f} has no op {op}, only {', '.join(_NUMBER_OPS)}")
    values = [read(value) for value in test.values]

    def between(low: int | None, high: int | None) -> NumberTest:
        return exists._replace(operator=Operator.BETWEEN, low=low, high=high)

    if op == "exists":
        return exists
    if op == "between":
        if len(values) != 2 or values[0] > values[1]:
            raise _TestFault("between takes the lowest and the highest value")
        return between(values[0], values[1])
    budget[0] -= len(values) - 1
    if op == "in":
        return any_of([between(low, high) for low, high in _runs(sorted(set(values)))])
    if op in ("not_in", "!="):
        return all_of(
            [exists._replace(operator=Operator.NOT_EQUAL, low=value) for value in sorted(set(values))]
        )
    value = values[0]
    if op == "=":
        return between(value, value)
    if op in ("<", "<="):
        return between(None, value - 1 if op == "<" else value)
    return between(value + 1 if op == ">" else value, None)


def _runs(values: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for value in values:
        if runs and value == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], value)
        else:
            runs.append((value, value))
    return runs


def _whole(value: int | str) -> int:
    if isinstance(value, str):
        raise _TestFault(f"{value} is not a whole number")
    return value


def _fact(dimension: NumberDimension, value: int | str) -> int:
    if dimension in (NumberDimension.DATE, NumberDimension.JALALI_DATE):
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise _TestFault(f"{value} is not a date YYYY-MM-DD")
        try:
            return compact_date(value, jalali=dimension == NumberDimension.JALALI_DATE)
        except ValueError as error:
            raise _TestFault(str(error)) from None
    number = _clock_or_day(dimension, value) if isinstance(value, str) else value
    low, high = _RANGES.get(dimension, (number, number))
    if not low <= number <= high:
        raise _TestFault(f"{value} is not between {low} and {high}")
    return number


def _clock_or_day(dimension: NumberDimension, value: str) -> int:
    if dimension == NumberDimension.MINUTE and _CLOCK.fullmatch(value):
        return minute_of(value)
    if dimension == NumberDimension.WEEKDAY and value in WEEKDAYS:
        return WEEKDAYS.index(value) + 1
    return _whole(value)
