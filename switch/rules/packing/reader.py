"""Numbers and texts of a packed table, read in order with every bound checked."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from itertools import pairwise
from typing import Final, TypeVar

from switch.rules.caps import CapPer, CapWindow, WindowKind
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
from switch.rules.facts import SET_BITS, ItemDimension, NumberDimension, SetDimension, TextDimension
from switch.rules.packing.bounds import (
    AMOUNT_MAX,
    DEPTH_MAX,
    ROLLING_DAYS_MAX,
    TESTS_MAX,
    VALUES_MAX,
)
from switch.rules.packing.fault import RuleTableFault
from switch.rules.packing.integers import unfolded
from switch.rules.packing.writer import (
    NODE_ALL,
    NODE_ANY,
    NODE_ITEM,
    NODE_NOT,
    NODE_NUMBER,
    NODE_SET,
)

_Enumeration = TypeVar("_Enumeration", bound=IntEnum)
_Part = TypeVar("_Part")

# Plain dictionaries: calling an enumeration takes several times as long.
_TEXT_DIMENSIONS: Final = {int(member): member for member in TextDimension}
_NUMBER_DIMENSIONS: Final = {int(member): member for member in NumberDimension}
_SET_DIMENSIONS: Final = {int(member): member for member in SetDimension}
_ITEM_DIMENSIONS: Final = {int(member): member for member in ItemDimension}
_SOURCES: Final = {int(member): member for member in NumberSource}
_WINDOW_KINDS: Final = {int(member): member for member in WindowKind}
CAP_PERS: Final = {int(member): member for member in CapPer}
_TEXT_OPERATORS: Final = {int(member): member for member in (Operator.IN, Operator.NOT_IN, Operator.EXISTS)}
_NUMBER_OPERATORS: Final = {
    int(member): member for member in (Operator.BETWEEN, Operator.NOT_EQUAL, Operator.EXISTS)
}
_SET_OPERATORS: Final = {
    int(member): member for member in (Operator.HAS_ANY, Operator.HAS_ALL, Operator.EXISTS)
}
_ITEM_OPERATORS: Final = {int(member): member for member in (Operator.ANY_LINE, Operator.ALL_LINES)}


class TableReader:
    """Reads the parts of a table in order; what is out of bounds raises RuleTableFault.

    A part that isn't there raises IndexError, an unknown code KeyError: `unpack` makes one fault of all.
    """

    __slots__ = ("counter_count", "numbers", "position", "purses", "tests_left", "texts", "texts_used")

    def __init__(self, numbers: list[int], texts: list[str]) -> None:
        self.numbers = numbers
        self.texts = texts
        self.position = 0
        self.texts_used = 0
        self.tests_left = 0
        # Known once the head is read.
        self.purses: frozenset[int] = frozenset()
        self.counter_count = 0

    def number(self, most: int, least: int = 0) -> int:
        """A number within bounds."""
        value = self.numbers[self.position]
        self.position += 1
        if not least <= value <= most:
            raise RuleTableFault(f"rule table holds {value} where {least} to {most} can be")
        return value

    def flag(self) -> bool:
        """Yes or no."""
        return self.number(1) == 1

    def text(self) -> str:
        """The next text, or one used before."""
        number = self.numbers[self.position]
        self.position += 1
        if number == 0:
            self.texts_used += 1
            return self.texts[self.texts_used - 1]
        if number > self.texts_used:
            raise RuleTableFault("rule table uses a text before its turn")
        return self.texts[number - 1]

    def code(self, codes: Mapping[int, _Enumeration]) -> _Enumeration:
        """A member of an enumeration."""
        member = codes[self.numbers[self.position]]
        self.position += 1
        return member

    def strings(self, most: int) -> tuple[str, ...]:
        """A list of texts in rising order."""
        text = self.text
        strings = tuple([text() for _ in range(self.number(most))])
        if len(strings) > 1 and any(b <= a for a, b in pairwise(strings)):
            raise RuleTableFault("rule table holds texts out of order")
        return strings

    def parts(self, most: int, read: Callable[[], _Part], least: int = 0) -> tuple[_Part, ...]:
        """A list of parts."""
        return tuple([read() for _ in range(self.number(most, least))])

    def purse(self) -> int:
        """Code of a declared purse."""
        code = self.number(max(self.purses))
        if code not in self.purses:
            raise RuleTableFault(f"rule table names a purse {code} that it doesn't declare")
        return code

    def window(self) -> CapWindow:
        """Over what time something is counted."""
        kind = self.code(_WINDOW_KINDS)
        is_rolling = kind == WindowKind.ROLLING
        return CapWindow(kind, self.number(ROLLING_DAYS_MAX if is_rolling else 0, 1 if is_rolling else 0))

    def condition(self) -> Condition:
        """A whole condition."""
        self.tests_left = TESTS_MAX
        return self._node(DEPTH_MAX)

    def item_test(self) -> ItemTest:
        """A test that selects basket lines."""
        if self.number(NODE_ITEM, NODE_ITEM) != NODE_ITEM:
            raise RuleTableFault("rule table selects lines by something else than items")
        return self._item()

    def _node(self, depth_left: int) -> Condition:
        if depth_left == 0:
            raise RuleTableFault("rule table holds a condition that is too deep")
        node = self.number(NODE_NOT)
        if node == NODE_NOT:
            return Not(self._node(depth_left - 1))
        if node in (NODE_ALL, NODE_ANY):
            parts = self.parts(TESTS_MAX, lambda: self._node(depth_left - 1))
            if len(parts) == 1 or (not parts and node == NODE_ANY):
                raise RuleTableFault("rule table holds a list of conditions that is none")
            return All(parts) if node == NODE_ALL else AnyOf(parts)
        self.tests_left -= 1
        if self.tests_left < 0:
            raise RuleTableFault("rule table holds a condition with too many tests")
        if node == NODE_NUMBER:
            return self._number_test()
        if node == NODE_ITEM:
            return self._item()
        if node == NODE_SET:
            return SetTest(
                self.code(_SET_DIMENSIONS),
                self.code(_SET_OPERATORS),
                self.number((1 << SET_BITS) - 1, 1),
            )
        dimension, operator = self.code(_TEXT_DIMENSIONS), self.code(_TEXT_OPERATORS)
        values = self.strings(VALUES_MAX)
        if bool(values) == (operator == Operator.EXISTS):
            raise RuleTableFault("rule table compares a text with nothing")
        return TextTest(dimension, operator, values)

    def _item(self) -> ItemTest:
        dimension, operator = self.code(_ITEM_DIMENSIONS), self.code(_ITEM_OPERATORS)
        values = self.strings(VALUES_MAX)
        if not values:
            raise RuleTableFault("rule table compares an item with nothing")
        return ItemTest(dimension, operator, values)

    def _number_test(self) -> NumberTest:
        source = self.code(_SOURCES)
        index = 0
        if source == NumberSource.FACT:
            index = self.code(_NUMBER_DIMENSIONS)
        elif source == NumberSource.BALANCE:
            index = self.purse()
        else:
            index = self.number(self.counter_count - 1 if source == NumberSource.COUNTER else 0)
        name = self.text()
        operator = self.code(_NUMBER_OPERATORS)
        low, high = self._bound(), self._bound()
        if (source == NumberSource.METRIC) != bool(name):
            raise RuleTableFault("rule table names a number that has no name")
        if operator == Operator.BETWEEN:
            is_sound = (low is not None or high is not None) and (low is None or high is None or low <= high)
        else:
            is_sound = high is None and (low is None) == (operator == Operator.EXISTS)
        if not is_sound:
            raise RuleTableFault("rule table compares a number with no range")
        return NumberTest(source, index, name, operator, low, high)

    def _bound(self) -> int | None:
        # One more than the greatest amount: `> v` becomes a bound of v + 1.
        value = self.number(2 * (AMOUNT_MAX + 1) + 1)
        return None if value == 0 else unfolded(value - 1)
