"""Exact rewriting of conditions: nested all and any become flat, a not moves inwards where nothing changes.

An unknown fact fails every comparison, so a negated comparison holds for it. A not over a comparison is
therefore only turned into another comparison where the fact is always known.
"""

from collections.abc import Iterable
from typing import Final

from switch.rules.conditions import All, AnyOf, Condition, Not, NumberSource, NumberTest, Operator
from switch.rules.facts import NumberDimension

# Numbers that no request lacks.
_ALWAYS_KNOWN: Final = frozenset(
    (
        NumberDimension.NET_AMOUNT,
        NumberDimension.POINTS_PAID,
        NumberDimension.DATE,
        NumberDimension.WEEKDAY,
        NumberDimension.MINUTE,
        NumberDimension.MONTH,
        NumberDimension.DAY,
        NumberDimension.JALALI_DATE,
        NumberDimension.JALALI_MONTH,
        NumberDimension.JALALI_DAY,
    )
)


def all_of(parts: Iterable[Condition]) -> Condition:
    """Every part holds; without nested alls and repeated parts."""
    flat: list[Condition] = []
    for part in parts:
        if isinstance(part, All):
            flat.extend(part.parts)
        else:
            flat.append(part)
    kept = _without_repeats(flat)
    return kept[0] if len(kept) == 1 else All(kept)


def any_of(parts: Iterable[Condition]) -> Condition:
    """At least one part holds; without nested anys and repeated parts."""
    flat: list[Condition] = []
    for part in parts:
        if isinstance(part, AnyOf):
            flat.extend(part.parts)
        else:
            flat.append(part)
    kept = _without_repeats(flat)
    return kept[0] if len(kept) == 1 else AnyOf(kept)


def negated(condition: Condition) -> Condition:
    """What holds exactly where the condition doesn't."""
    if isinstance(condition, All):
        return any_of(map(negated, condition.parts))
    if isinstance(condition, AnyOf):
        return all_of(map(negated, condition.parts))
    if isinstance(condition, Not):
        return condition.part
    if isinstance(condition, NumberTest) and _is_known(condition):
        low, high = condition.low, condition.high
        if condition.operator == Operator.NOT_EQUAL:
            return condition._replace(operator=Operator.BETWEEN, high=low)
        if condition.operator == Operator.BETWEEN:
            if high is None and low is not None:
                return condition._replace(low=None, high=low - 1)
            if low is None and high is not None:
                return condition._replace(low=high + 1, high=None)
            if low is not None and low == high:
                return condition._replace(operator=Operator.NOT_EQUAL, high=None)
    return Not(condition)


def is_always_known(source: NumberSource, index: int) -> bool:
    """Whether every request has this number."""
    return source in (NumberSource.BALANCE, NumberSource.COUNTER) or (
        source == NumberSource.FACT and index in _ALWAYS_KNOWN
    )


def _is_known(test: NumberTest) -> bool:
    return is_always_known(test.source, test.index)


def _without_repeats(parts: list[Condition]) -> tuple[Condition, ...]:
    if len(parts) < 2:
        return tuple(parts)
    # The type belongs to the key: as plain tuples an All and an AnyOf of the same parts are equal.
    return tuple({(type(part), part): part for part in parts}.values())
