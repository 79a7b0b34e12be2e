"""What a rule asks for that an index can look up: necessary, not sufficient, for it to match."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from switch.rules.conditions import (
    AnyOf,
    Condition,
    ItemTest,
    NumberSource,
    NumberTest,
    Operator,
    SetTest,
    TextTest,
)
from switch.rules.evaluator.compiled import CompiledRule
from switch.rules.evaluator.matching import BURN_REQUEST, PURCHASE, is_redeeming, tests_of
from switch.rules.evaluator.postings import Postings, bits_of
from switch.rules.facts import Facts, NumberDimension, SetDimension, TextDimension
from switch.rules.outcome import EffectType
from switch.rules.table import BasisOf, Kind

SEGMENTS = SetDimension.SEGMENT
AGREEMENTS = SetDimension.AGREEMENT

# More steps of the amount than this are merged.
AMOUNT_STEPS_MAX = 512

# ItemDimension as a plain integer, and the value.
ItemKey = tuple[int, str]
# Least and greatest amount, None for no bound.
Range = tuple[int | None, int | None]

_NEEDS_LINES = frozenset((BasisOf.AMOUNT, BasisOf.NET_AFTER_BURN, BasisOf.LINES, BasisOf.QUANTITY))
# A gate looks at all that burns, and nobody asks for a conversion as for a reward.
_OF_NO_REWARD = (Kind.BURN, Kind.CONVERT, Kind.GATE)
_OTHER = ""


class Demands(NamedTuple):
    """One value of each text, one bit of each set, one article of the basket; None where any will do.

    Of segments a rule may need two, each from a set of its own.
    """

    texts: dict[TextDimension, frozenset[str]]
    segments: frozenset[int] | None
    more_segments: frozenset[int] | None
    agreements: frozenset[int] | None
    items: frozenset[ItemKey] | None
    amount: Range | None


class Triggers:
    """Who looks at which kind of request."""

    __slots__ = ("_burn_purses", "_gates", "_names", "_purses", "_reward_ids", "_rewards", "_triggers")

    def __init__(self, rules: tuple[CompiledRule, ...]) -> None:
        burns = [BURN_REQUEST in rule.rule.triggers for rule in rules]
        self._triggers: Postings[str] = Postings(
            [() if burn else rule.rule.triggers for rule, burn in zip(rules, burns, strict=True)]
        )
        self._purses: Postings[int] = Postings(
            [
                [effect.purse for effect in rule.rule.effects if effect.type == EffectType.TENDER]
                if burn and rule.rule.kind == Kind.BURN
                else ()
                for rule, burn in zip(rules, burns, strict=True)
            ]
        )
        self._rewards: Postings[str] = Postings(
            [
                (rule.rule_id,) if burn and rule.rule.kind not in _OF_NO_REWARD else ()
                for rule, burn in zip(rules, burns, strict=True)
            ]
        )
        self._gates = bits_of(
            place
            for place, (rule, burn) in enumerate(zip(rules, burns, strict=True))
            if burn and rule.rule.kind == Kind.GATE
        )
        self._names = frozenset((*self._triggers.few, *self._triggers.many, PURCHASE, BURN_REQUEST))
        self._burn_purses = frozenset((*self._purses.few, *self._purses.many))
        self._reward_ids = frozenset((*self._rewards.few, *self._rewards.many))

    def key(self, facts: Facts) -> tuple[str, int, str] | str:
        """What of a request decides which rules look at it."""
        trigger = facts.trigger if facts.trigger in self._names else _OTHER
        if not is_redeeming(facts):
            return trigger
        return (
            trigger,
            facts.tender_purse if facts.tender_purse in self._burn_purses else 0,
            facts.reward if facts.reward in self._reward_ids else _OTHER,
        )

    def bits(self, facts: Facts) -> int:
        """The rules that look at a request."""
        bits = self._triggers.keyed(facts.trigger)
        if facts.trigger in (PURCHASE, BURN_REQUEST):
            bits |= self._purses.keyed(facts.tender_purse) | self._rewards.keyed(facts.reward)
            if is_redeeming(facts):
                bits |= self._gates
        return bits


def inert_ids(rules: tuple[CompiledRule, ...]) -> frozenset[str]:
    """Rules that can be left out where they would give nothing: no other rule notices them."""
    named = {name for rule in rules for name in (*rule.rule.excludes, *rule.rule.requires)}
    return frozenset(
        rule.rule_id
        for rule in rules
        if rule.rule.kind in (Kind.EARN, Kind.GIFT, Kind.DISCOUNT)
        and not (rule.rule.excludes or rule.rule.stop_after or rule.rule_id in named)
    )


def demands_of(rule: CompiledRule, is_inert: bool) -> Demands:
    """What one rule asks for. An inert rule also asks for one of the articles of its basis."""
    texts: dict[TextDimension, frozenset[str]] = {}
    segments: list[frozenset[int]] = []
    agreements = _highest(rule.rule.agreements)
    items: frozenset[ItemKey] | None = None
    amount: Range | None = None
    if rule.rule.statuses:
        texts[TextDimension.MEMBER_STATUS] = frozenset(rule.rule.statuses)
    for part in rule.parts:
        wanted = _wanted_texts(part)
        if wanted is not None:
            dimension, values = wanted
            texts[dimension] = texts[dimension] & values if dimension in texts else values
        elif isinstance(part, SetTest) and part.mask and part.operator != Operator.EXISTS:
            bits = _bits(part.mask)
            if part.dimension == AGREEMENTS:
                agreements = agreements or (
                    bits if part.operator == Operator.HAS_ANY else _highest(part.mask)
                )
            else:
                segments += (
                    [bits] if part.operator == Operator.HAS_ANY else [frozenset((bit,)) for bit in bits]
                )
        elif isinstance(part, ItemTest):
            keys = frozenset((int(part.dimension), value) for value in part.values)
            items = keys if items is None or len(keys) < len(items) else items
        elif _is_of_amount(part) and isinstance(part, NumberTest):
            amount = _narrower(amount, (part.low, part.high))
    basis = rule.rule.basis
    if is_inert and items is None and basis.include and basis.of in _NEEDS_LINES:
        items = frozenset((int(test.dimension), value) for test in basis.include for value in test.values)
    segment, more = (*sorted(set(segments), key=len), None, None)[:2]
    return Demands(texts, segment, more, agreements, items, amount)


def text_dimensions(rules: tuple[CompiledRule, ...]) -> list[tuple[TextDimension, frozenset[str]]]:
    """Texts that conditions look at, each with all values that they name."""
    values: dict[TextDimension, set[str]] = {}
    for rule in rules:
        for test in tests_of(rule.rule.condition):
            if isinstance(test, TextTest):
                values.setdefault(test.dimension, set()).update(test.values)
        if rule.rule.statuses:
            values.setdefault(TextDimension.MEMBER_STATUS, set()).update(rule.rule.statuses)
    return [(dimension, frozenset(values[dimension])) for dimension in sorted(values)]


def thresholds(ranges: Sequence[Range | None]) -> tuple[list[int], list[int]]:
    """Amounts from which on other rules may match, and the rules for each step between them.

    The last set is for an unknown amount. Step n begins at amount n-1 of the list.
    """
    edges = sorted(
        {low for low, _ in filter(None, ranges) if low is not None}
        | {high + 1 for _, high in filter(None, ranges) if high is not None}
    )
    if len(edges) > AMOUNT_STEPS_MAX:
        edges = [edges[index * len(edges) // AMOUNT_STEPS_MAX] for index in range(AMOUNT_STEPS_MAX)]
    begins: list[list[int]] = [[] for _ in range(len(edges) + 2)]
    ends: list[list[int]] = [[] for _ in range(len(edges) + 2)]
    for position, bounds in enumerate(ranges):
        if bounds is not None:
            low, high = bounds
            begins[0 if low is None else bisect_right(edges, low)].append(position)
            ends[len(edges) if high is None else bisect_right(edges, high)].append(position)
    free = bits_of(position for position, bounds in enumerate(ranges) if bounds is None)
    steps = []
    present = free
    for begin, end in zip(begins, ends, strict=True):
        present |= bits_of(begin)
        steps.append(present)
        present &= ~bits_of(end)
    steps[-1] = free
    return edges, steps


def _wanted_texts(part: Condition) -> tuple[TextDimension, frozenset[str]] | None:
    """The text and the values of which a part needs one: IN, or one of several IN of the same text."""
    if isinstance(part, TextTest) and part.operator == Operator.IN:
        return part.dimension, frozenset(part.values) - {""}
    if not isinstance(part, AnyOf) or not part.parts:
        return None
    wanted = [_wanted_texts(inner) for inner in part.parts]
    dimensions = {found[0] for found in wanted if found is not None}
    if None in wanted or len(dimensions) != 1:
        return None
    return dimensions.pop(), frozenset().union(*(found[1] for found in wanted if found is not None))


def _is_of_amount(part: Condition) -> bool:
    return (
        isinstance(part, NumberTest)
        and part.source == NumberSource.FACT
        and part.index == NumberDimension.AMOUNT
        and part.operator == Operator.BETWEEN
    )


def _narrower(one: Range | None, other: Range) -> Range:
    if one is None:
        return other
    lows = [low for low in (one[0], other[0]) if low is not None]
    highs = [high for high in (one[1], other[1]) if high is not None]
    return max(lows, default=None), min(highs, default=None)


def _bits(mask: int) -> frozenset[int]:
    return frozenset(bit for bit in range(mask.bit_length()) if mask >> bit & 1)


def _highest(mask: int) -> frozenset[int] | None:
    """A member who has all bits has the highest; None where there are none."""
    return frozenset((mask.bit_length() - 1,)) if mask else None
