"""What is known about a request while conditions are assumed to hold, and whether that can be.

Every check errs on the side of "possible": only what is certainly contradictory is refused.
"""

from typing import Final, NamedTuple, Self

from switch.rules.compiler.logic import is_always_known
from switch.rules.conditions import ItemTest, NumberSource, NumberTest, Operator, SetTest, TextTest
from switch.rules.facts import ItemDimension, NumberDimension, SetDimension, TextDimension
from switch.rules.packing.bounds import SHARE_WHOLE

_RANGES: Final = {
    NumberDimension.POINTS_PAID: (0, SHARE_WHOLE),
    NumberDimension.WEEKDAY: (1, 7),
    NumberDimension.MINUTE: (0, 1439),
    NumberDimension.MONTH: (1, 12),
    NumberDimension.DAY: (1, 31),
    NumberDimension.JALALI_MONTH: (1, 12),
    NumberDimension.JALALI_DAY: (1, 31),
}

_NumberKey = tuple[NumberSource, int, str]


class _Text(NamedTuple):
    """What a text can be where it is known: one of `allowed` (None: any) and none of `excluded`."""

    must_be_known: bool = False
    must_be_unknown: bool = False
    allowed: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()

    def is_possible(self) -> bool:
        if not self.must_be_known:
            return True
        return not self.must_be_unknown and (self.allowed is None or bool(self.allowed - self.excluded))


class _Number(NamedTuple):
    """What a number can be where it is known: from `low` to `high`, outside `holes`."""

    must_be_known: bool
    must_be_unknown: bool
    low: int | None
    high: int | None
    holes: tuple[tuple[int | None, int | None], ...]

    def is_possible(self) -> bool:
        if not self.must_be_known:
            return True
        if self.must_be_unknown:
            return False
        # The lowest value that is left.
        value = self.low
        for low, high in sorted(self.holes, key=lambda hole: (hole[0] is not None, hole[0] or 0)):
            if low is not None and (value is None or value < low):
                break
            if high is None:
                return False
            if value is None or high >= value:
                value = high + 1
        return value is None or self.high is None or value <= self.high


class _Set(NamedTuple):
    """Bits that a set must have and must not have, and masks of which it has one, or lacks one."""

    has: int = 0
    lacks: int = 0
    has_one: tuple[int, ...] = ()
    lacks_one: tuple[int, ...] = ()

    def is_possible(self) -> bool:
        return (
            not self.has & self.lacks
            and all(mask & ~self.lacks for mask in self.has_one)
            and all(mask & ~self.has for mask in self.lacks_one)
        )


class _Items(NamedTuple):
    """What basket lines must be: `every` line of one of each, `some` line of each, none of `none`."""

    every: tuple[frozenset[str], ...] = ()
    some: tuple[frozenset[str], ...] = ()
    none: frozenset[str] = frozenset()

    def is_possible(self, *, has_one_value: bool) -> bool:
        if not self.every and not self.some:
            return True
        for wanted in (*self.some, *self.every):
            left = wanted - self.none
            if has_one_value:
                for every in self.every:
                    left &= every
            if not left:
                return False
        return True


class Knowledge:
    """Everything assumed so far. Never changed: assuming more gives another."""

    __slots__ = ("_items", "_numbers", "_sets", "_texts")

    def __init__(self) -> None:
        self._texts: dict[TextDimension, _Text] = {}
        self._numbers: dict[_NumberKey, _Number] = {}
        self._sets: dict[SetDimension, _Set] = {}
        self._items: dict[ItemDimension, _Items] = {}

    def assuming(self, test: TextTest | NumberTest | SetTest | ItemTest, *, holds: bool) -> Self | None:
        """With one more test that holds or fails; None where that contradicts what is known."""
        more = type(self)()
        more._texts, more._numbers = dict(self._texts), dict(self._numbers)
        more._sets, more._items = dict(self._sets), dict(self._items)
        if isinstance(test, TextTest):
            is_possible = more._assume_text(test, holds=holds)
        elif isinstance(test, NumberTest):
            is_possible = more._assume_number(test, holds=holds)
        elif isinstance(test, SetTest):
            is_possible = more._assume_set(test, holds=holds)
        else:
            is_possible = more._assume_items(test, holds=holds)
        return more if is_possible else None

    def _assume_text(self, test: TextTest, *, holds: bool) -> bool:
        known = self._texts.get(test.dimension, _Text())
        if holds:
            known = known._replace(must_be_known=True)
        elif test.operator == Operator.EXISTS:
            known = known._replace(must_be_unknown=True)
        if test.operator != Operator.EXISTS:
            values = frozenset(test.values)
            if (test.operator == Operator.IN) == holds:
                allowed = values if known.allowed is None else known.allowed & values
                known = known._replace(allowed=allowed)
            else:
                known = known._replace(excluded=known.excluded | values)
        self._texts[test.dimension] = known
        return known.is_possible()

    def _assume_number(self, test: NumberTest, *, holds: bool) -> bool:
        key = (test.source, test.index, test.name)
        known = self._numbers.get(key)
        if known is None:
            known = _unrestricted(test)
        if holds:
            known = known._replace(must_be_known=True)
        elif test.operator == Operator.EXISTS:
            known = known._replace(must_be_unknown=True)
        if test.operator != Operator.EXISTS:
            low, high = test.low, test.high if test.operator == Operator.BETWEEN else test.low
            if (test.operator == Operator.BETWEEN) == holds:
                known = known._replace(low=_highest(known.low, low), high=_lowest(known.high, high))
            else:
                known = known._replace(holes=(*known.holes, (low, high)))
        self._numbers[key] = known
        return known.is_possible()

    def _assume_set(self, test: SetTest, *, holds: bool) -> bool:
        known = self._sets.get(test.dimension, _Set())
        if test.operator == Operator.HAS_ALL:
            if holds:
                known = known._replace(has=known.has | test.mask)
            else:
                known = known._replace(lacks_one=(*known.lacks_one, test.mask))
        elif not holds:
            known = known._replace(lacks=known.lacks | test.mask)
        elif test.mask.bit_count() == 1:
            known = known._replace(has=known.has | test.mask)
        else:
            known = known._replace(has_one=(*known.has_one, test.mask))
        self._sets[test.dimension] = known
        return known.is_possible()

    def _assume_items(self, test: ItemTest, *, holds: bool) -> bool:
        known = self._items.get(test.dimension, _Items())
        values = frozenset(test.values)
        if test.operator == Operator.ANY_LINE:
            if holds:
                known = known._replace(some=(*known.some, values))
            else:
                known = known._replace(none=known.none | values)
        elif holds:
            known = known._replace(every=(*known.every, values))
        self._items[test.dimension] = known
        return known.is_possible(has_one_value=test.dimension != ItemDimension.LABEL)


def _unrestricted(test: NumberTest) -> _Number:
    low: int | None = None
    high: int | None = None
    if test.source == NumberSource.FACT:
        low, high = _RANGES.get(NumberDimension(test.index), (0, None))
    return _Number(is_always_known(test.source, test.index), False, low, high, ())


def _highest(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return max(first, second)


def _lowest(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)
