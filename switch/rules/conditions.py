"""What a rule asks of a transaction: tests of its facts, and how they are joined."""

from enum import IntEnum
from typing import NamedTuple

from switch.rules.facts import ItemDimension, SetDimension, TextDimension


class Operator(IntEnum):
    """How a fact is compared. Texts: IN, NOT_IN. Sets: HAS_ANY, HAS_ALL. Items: ANY_LINE, ALL_LINES.

    Numbers: BETWEEN (both ends included), NOT_EQUAL. EXISTS: for texts, numbers and sets.
    """

    IN = 1
    NOT_IN = 2
    BETWEEN = 3
    NOT_EQUAL = 4
    HAS_ANY = 5
    HAS_ALL = 6
    ANY_LINE = 7
    ALL_LINES = 8
    EXISTS = 9


class NumberSource(IntEnum):
    """Where a number comes from."""

    FACT = 1
    BALANCE = 2
    METRIC = 3
    COUNTER = 4


class TextTest(NamedTuple):
    """IN, NOT_IN or EXISTS; `values` are sorted."""

    dimension: TextDimension
    operator: Operator
    values: tuple[str, ...]


class NumberTest(NamedTuple):
    """BETWEEN, NOT_EQUAL (to `low`) or EXISTS. None is no bound.

    `index` is the NumberDimension of a FACT, the purse's code of a BALANCE, the place in `RuleTable.counters`
    of a COUNTER; `name` is that of a METRIC.
    """

    source: NumberSource
    index: int  # type: ignore[assignment]  # hides the method of tuples
    name: str
    operator: Operator
    low: int | None
    high: int | None


class SetTest(NamedTuple):
    """HAS_ANY, HAS_ALL or EXISTS of the bits of `mask`."""

    dimension: SetDimension
    operator: Operator
    mask: int


class ItemTest(NamedTuple):
    """ANY_LINE or ALL_LINES; a basket without lines fails both."""

    dimension: ItemDimension
    operator: Operator
    values: tuple[str, ...]


class All(NamedTuple):
    """Every part holds."""

    parts: tuple["Condition", ...]


class AnyOf(NamedTuple):
    """At least one part holds."""

    parts: tuple["Condition", ...]


class Not(NamedTuple):
    """The part doesn't hold."""

    part: "Condition"


Condition = TextTest | NumberTest | SetTest | ItemTest | All | AnyOf | Not


ALWAYS = All(())
