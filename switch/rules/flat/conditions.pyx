# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Conditions of rules as nodes of tests with two ways out each; see `switch.rules.evaluator.matching`.

All, any and not are nowhere but in where a test goes on.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from switch.memory.texts cimport NO_TEXT, TEXTS
from switch.rules.flat.counting cimport NO_SLOT, Counting
from switch.rules.flat.decision cimport PURSES_MAX, SET_WORDS, FlatFacts, FlatLine
from switch.rules.flat.pool cimport Pool
from switch.rules.flat.run cimport FlatRun

from switch.rules.evaluator.matching import flat
from switch.rules.facts import SET_BITS, NumberDimension, TextDimension
from switch.rules.conditions import (
    All,
    AnyOf,
    ItemTest,
    Not,
    NumberSource,
    NumberTest,
    Operator,
    SetTest,
    TextTest,
)
from switch.rules.table import ALWAYS_FROM_S, FOREVER_UNTIL_S

cdef enum:
    _TEXT_IS = 1  # `low` is the number
    _TEXT_IN = 2
    _TEXT_NOT_IN = 3
    _TEXT_EXISTS = 4
    _FACT_BETWEEN = 5
    _BALANCE_BETWEEN = 6
    _METRIC_BETWEEN = 7
    _COUNTER_BETWEEN = 8
    _FACT_IS_NOT = 9
    _BALANCE_IS_NOT = 10
    _METRIC_IS_NOT = 11
    _COUNTER_IS_NOT = 12
    _SET_ANY = 13
    _SET_ALL = 14
    _SET_EXISTS = 15
    _SET_COVERS = 16  # as _SET_ALL, but an empty set covers an empty mask
    _ANY_LINE = 17
    _ALL_LINES = 18
    _VALID = 19
    _HOURS = 20
    _RESTS = 21
    _STRANGE = 22  # not done here
    _IS_NOT = 4  # distance of the kinds above
    _INTO_KIND = 4  # from NumberSource to _FACT_BETWEEN and so on

assert [int(source) + _INTO_KIND for source in NumberSource] == [
    _FACT_BETWEEN,
    _BALANCE_BETWEEN,
    _METRIC_BETWEEN,
    _COUNTER_BETWEEN,
]

_LEAST = -(1 << 63)
_MOST = (1 << 63) - 1

# Cheap tests come first: the order means nothing for what holds.
_LEAF_COST = {TextTest: 0, SetTest: 1, NumberTest: 2, ItemTest: 4}


def _cost(part):
    """How long a part of a rule's tests takes, roughly."""
    if isinstance(part, list):
        return 1
    if isinstance(part, NumberTest) and part.source in (NumberSource.METRIC, NumberSource.COUNTER):
        return 3 if part.source == NumberSource.METRIC else 6
    return _LEAF_COST.get(type(part), 5)


def _is_text_in(part):
    return isinstance(part, TextTest) and part.operator == Operator.IN


def _bounds_amount(part):
    """Whether a part of a rule's tests is a bound of the amount."""
    return (
        isinstance(part, NumberTest)
        and part.source == NumberSource.FACT
        and part.index == NumberDimension.AMOUNT
        and part.operator == Operator.BETWEEN
    )


def amount_bounds(rule):
    """Least and greatest amount of a `TableRule`; None where it has no bounds and takes an unknown amount."""
    bounds = [(part.low, part.high) for part in flat(rule.condition) if _bounds_amount(part)]
    if not bounds:
        return None
    low = max([0 if low is None else low for low, _ in bounds])
    high = min([_MOST if high is None else high for _, high in bounds])
    return min(low, _MOST), max(high, -1)


cdef class Conditions:
    """Made empty; rules and conditions are added before the first request only."""

    def __cinit__(self, Counting counting, tuple declared):
        self.counting = counting
        self._declared = declared
        self._nodes = Pool(sizeof(FlatNode))
        self._values = Pool(sizeof(uint32_t))
        self._masks = Pool(SET_WORDS * sizeof(uint64_t))
        self._hours = Pool(sizeof(FlatHours))
        self._rests = Pool(2 * sizeof(int64_t))

    cdef int32_t entry_of_rule(self, object rule, bint is_planned) except? -3:
        """Where the tests of a `TableRule` begin: all but its trigger and its bounds of the amount.

        Where `is_planned` texts that have to be among some values are already known to be.
        """
        cdef FlatHours* hours
        cdef int64_t* rest
        parts = [
            part
            for part in flat(rule.condition)
            if not (_bounds_amount(part) or is_planned and _is_text_in(part))
        ]
        if rule.valid_from_s > ALWAYS_FROM_S or rule.valid_until_s < FOREVER_UNTIL_S:
            low, high = max(rule.valid_from_s, 0), min(rule.valid_until_s - 1, _MOST)
            parts.append([_VALID, 0, 0, 0, low, high] if low <= high else [_VALID, 0, 0, 0, 1, 0])
        if rule.windows:
            parts.append([_HOURS, 0, self._hours.count, len(rule.windows), 0, 0])
            for window in rule.windows:
                hours = <FlatHours*> self._hours.add()
                hours.days, hours.from_minute, hours.until_minute = window
        if rule.blackout:
            parts.append([_RESTS, 0, self._rests.count, len(rule.blackout), 0, 0])
            for first, last in rule.blackout:
                rest = <int64_t*> self._rests.add()
                rest[0] = first
                rest[1] = last
        if rule.agreements:
            strange = rule.agreements >= 1 << SET_BITS
            kind = _STRANGE if strange else _SET_COVERS
            parts.append([kind, 1, 0 if strange else self._add_mask(rule.agreements), 0, 0, 0])
        if rule.statuses and not is_planned:
            place, count = self._add_values(rule.statuses)
            parts.append([_TEXT_IN, int(TextDimension.MEMBER_STATUS), place, count, 0, 0])
        return self._written(sorted(parts, key=_cost))

    cdef int32_t entry_of(self, object condition) except? -3:
        """Where the tests of a condition begin."""
        return self._written(flat(condition))

    cdef int items_of(self, object test, FlatItems* items) except -1:
        """An item test for `lines_of`, whatever its operator."""
        items.dimension = test.dimension
        items.first, items.count = self._add_values(test.values)
        return 0

    cdef int32_t _written(self, list parts) except? -3:
        cdef FlatNode* node
        nodes = []
        entry = HOLDS
        for part in reversed(parts):
            entry = self._emit(nodes, part, entry, FAILS)
        # They were made from the last to the first.
        first, last = self._nodes.count, len(nodes) - 1
        for kind, dimension, place, count, low, high, yes, no in reversed(nodes):
            node = <FlatNode*> self._nodes.add()
            node.kind, node.dimension, node.first, node.count = kind, dimension, place, count
            node.low, node.high = low, high
            node.yes = yes if yes < 0 else first + last - yes
            node.no = no if no < 0 else first + last - no
        return entry if entry < 0 else first + last - entry

    cdef int32_t _emit(self, list nodes, object part, int32_t yes, int32_t no) except? -3:
        """Adds what a part tests; returns where that begins."""
        if isinstance(part, All):
            for inner in reversed(part.parts):
                yes = self._emit(nodes, inner, yes, no)
            return yes
        if isinstance(part, AnyOf):
            for inner in reversed(part.parts):
                no = self._emit(nodes, inner, yes, no)
            return no
        if isinstance(part, Not):
            return self._emit(nodes, part.part, no, yes)
        leaf = part if isinstance(part, list) else self._leaf(part)
        nodes.append([*leaf, yes, no])
        return len(nodes) - 1

    cdef list _leaf(self, object test):
        """Kind, dimension, first, count, low and high of a test's node."""
        if isinstance(test, NumberTest):
            return self._number_leaf(test)
        dimension = int(test.dimension)
        if isinstance(test, ItemTest):
            place, count = self._add_values(test.values)
            kind = _ALL_LINES if test.operator == Operator.ALL_LINES else _ANY_LINE
            return [kind, dimension, place, count, 0, 0]
        if isinstance(test, SetTest):
            if test.operator == Operator.EXISTS:
                return [_SET_EXISTS, dimension, 0, 0, 0, 0]
            if test.mask >= 1 << SET_BITS:
                return [_STRANGE, 0, 0, 0, 0, 0]
            kind = _SET_ALL if test.operator == Operator.HAS_ALL else _SET_ANY
            return [kind, dimension, self._add_mask(test.mask), 0, 0, 0]
        if test.operator == Operator.EXISTS:
            return [_TEXT_EXISTS, dimension, 0, 0, 0, 0]
        if test.operator == Operator.NOT_IN:
            return [_TEXT_NOT_IN, dimension, *self._add_values(test.values), 0, 0]
        values = frozenset(test.values) - {""}
        if len(values) == 1:
            (value,) = values
            return [_TEXT_IS, dimension, 0, 0, TEXTS.number(value), 0]
        return [_TEXT_IN, dimension, *self._add_values(values), 0, 0]

    cdef list _number_leaf(self, object test):
        cdef uint32_t name
        low, high, index = test.low, test.high, 0
        kind, place = test.source + _INTO_KIND, 0
        if test.source == NumberSource.METRIC:
            name = TEXTS.number(test.name)
            place = <int32_t> name
        elif test.source == NumberSource.COUNTER:
            declared = self._declared[test.index]
            place = self.counting.slot_of(declared.counter, declared.per, declared.window)
            if place == NO_SLOT:
                return [_STRANGE, 0, 0, 0, 0, 0]
        elif test.source == NumberSource.BALANCE:
            place = test.index
            if not 0 <= place < PURSES_MAX:
                return [_STRANGE, 0, 0, 0, 0, 0]
        else:
            index = test.index
        if test.operator == Operator.NOT_EQUAL and low is not None and _LEAST <= low <= _MOST:
            return [kind + _IS_NOT, index, place, 0, low, 0]
        if test.operator in (Operator.NOT_EQUAL, Operator.EXISTS):
            low = high = None
        low = _LEAST if low is None else low
        high = _MOST if high is None else high
        if low > _MOST or high < _LEAST:
            low, high = 1, 0
        return [kind, index, place, 0, max(low, _LEAST), min(high, _MOST)]

    cdef tuple _add_values(self, object values):
        """Numbers of texts in rising order; their first place and how many there are."""
        cdef uint32_t* value
        cdef str text
        first = self._values.count
        numbers = sorted({TEXTS.number(text) for text in values})
        for number in numbers:
            value = <uint32_t*> self._values.add()
            value[0] = number
        return first, len(numbers)

    cdef int _add_mask(self, object mask) except -1:
        cdef bytes written = mask.to_bytes(SET_WORDS * 8, "little")
        memcpy(self._masks.add(), <const char*> written, SET_WORDS * 8)
        return self._masks.count - 1

    cdef bint holds(self, int32_t entry, FlatRun* run) except -1:
        """Whether the tests that begin at an entry hold."""
        cdef FlatNode* nodes = <FlatNode*> self._nodes.items
        cdef FlatNode* node
        while entry >= 0:
            node = &nodes[entry]
            entry = node.yes if self._test(node, run) else node.no
        return entry == HOLDS

    cdef bint _test(self, FlatNode* node, FlatRun* run) except -1:
        cdef FlatFacts* facts = run.facts
        cdef uint32_t text
        cdef uint64_t* mask
        cdef uint64_t* held
        cdef uint64_t any_bit = 0, missing = 0, common = 0, lines
        cdef int kind = node.kind, place
        cdef FlatItems items
        if kind <= _TEXT_EXISTS:
            text = facts.texts[node.dimension]
            if kind == _TEXT_IS:
                return text == <uint32_t> node.low
            if kind == _TEXT_IN:
                return self._is_among(text, node.first, node.count)
            if text == NO_TEXT or kind == _TEXT_EXISTS:
                return text != NO_TEXT
            return not self._is_among(text, node.first, node.count)
        if kind == _FACT_BETWEEN:
            return run.known[node.dimension] and node.low <= run.numbers[node.dimension] <= node.high
        if kind <= _COUNTER_IS_NOT:
            return self._number(node, run)
        if kind <= _SET_COVERS:
            held = facts.sets[node.dimension]
            mask = <uint64_t*> self._masks.items + node.first * SET_WORDS
            for place in range(SET_WORDS):
                any_bit |= held[place]
                if kind != _SET_EXISTS:
                    common |= held[place] & mask[place]
                    missing |= mask[place] & ~held[place]
            if kind == _SET_ANY:
                return common != 0
            if kind == _SET_COVERS:
                return missing == 0
            return any_bit != 0 and missing == 0
        if kind == _VALID:
            return <uint64_t> node.low <= facts.at_s <= <uint64_t> node.high
        if kind == _HOURS:
            return self._in_hours(node)
        if kind == _RESTS:
            return not self._rests_today(node)
        if kind == _STRANGE:
            run.is_not_mine = True
            return False
        items.dimension, items.first, items.count = node.dimension, node.first, node.count
        lines = self.lines_of(&items, run)
        return lines != 0 if kind == _ANY_LINE else facts.line_count > 0 and lines == run.all_lines

    cdef bint _number(self, FlatNode* node, FlatRun* run) except -1:
        cdef FlatFacts* facts = run.facts
        cdef int64_t value = 0
        cdef int place, kind = node.kind
        cdef bint is_not = kind >= _FACT_IS_NOT
        if is_not:
            kind -= _IS_NOT
        if kind == _FACT_BETWEEN:
            if not run.known[node.dimension]:
                return False
            value = run.numbers[node.dimension]
        elif kind == _BALANCE_BETWEEN:
            value = facts.balances[node.first]
        elif kind == _COUNTER_BETWEEN:
            value = self.counting.counted(node.first)
        else:
            # As in a mapping, the last of a name counts.
            place = facts.metric_count - 1
            while place >= 0 and facts.metric_names[place] != <uint32_t> node.first:
                place -= 1
            if place < 0:
                return False
            value = facts.metric_values[place]
        return value != node.low if is_not else node.low <= value <= node.high

    cdef bint _in_hours(self, FlatNode* node) noexcept:
        """See `switch.rules.evaluator.matching.in_windows`."""
        cdef FlatHours* hours = <FlatHours*> self._hours.items + node.first
        cdef int64_t weekday = self.counting.moments.day.numbers[1], minute = self.counting.moments.minute
        cdef int32_t today = 1 << (weekday - 1), yesterday = 1 << ((weekday + 5) % 7)
        cdef int place
        for place in range(node.count):
            if hours.until_minute > hours.from_minute:
                if hours.days & today and hours.from_minute <= minute < hours.until_minute:
                    return True
            elif (hours.days & today and minute >= hours.from_minute) or (
                hours.days & yesterday and minute < hours.until_minute
            ):
                return True
            hours += 1
        return False

    cdef bint _rests_today(self, FlatNode* node) noexcept:
        cdef int64_t* rest = <int64_t*> self._rests.items + 2 * node.first
        cdef int64_t today = self.counting.moments.day.ordinal
        cdef int place
        for place in range(node.count):
            if rest[0] <= today <= rest[1]:
                return True
            rest += 2
        return False

    cdef bint _is_among(self, uint32_t number, int first, int count) noexcept:
        cdef uint32_t* values = <uint32_t*> self._values.items + first
        cdef int low = 0, high = count, middle
        while low < high:
            middle = (low + high) >> 1
            if values[middle] < number:
                low = middle + 1
            else:
                high = middle
        return low < count and values[low] == number

    cdef uint64_t lines_of(self, FlatItems* items, FlatRun* run) noexcept:
        """Bits of the basket lines that a test selects."""
        cdef FlatLine* line = run.facts.lines
        cdef uint64_t bits = 0
        cdef int place, label
        for place in range(run.facts.line_count):
            if items.dimension == 0:
                if self._is_among(line.sku, items.first, items.count):
                    bits |= (<uint64_t> 1) << place
            elif items.dimension == 1:
                if self._is_among(line.category, items.first, items.count):
                    bits |= (<uint64_t> 1) << place
            else:
                for label in range(line.label_count):
                    if self._is_among(line.labels[label], items.first, items.count):
                        bits |= (<uint64_t> 1) << place
            line += 1
        return bits
