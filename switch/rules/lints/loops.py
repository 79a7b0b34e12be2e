"""Lints about value that grows by going round: earning on points, conversions, costs that come back.

Purses and rial are places; a rule that turns one into another is a way with a rate. A round trip whose rates
multiply to more than one mints value.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from switch.rules.lints.book import Book, costs, given
from switch.rules.lints.findings import Lint, Severity
from switch.rules.outcome import EffectType, Party
from switch.rules.table import BasisOf, CalcMode, Effect, Kind, TableRule

# A place beside the purses.
_RIAL: Final = 0
# Bases that count the part of the bill that was paid from purses.
_WITH_POINTS: Final = (BasisOf.AMOUNT, BasisOf.LINES)
_TO_MEMBER: Final = (Party.MEMBER, Party.HOUSEHOLD)


class _Way(NamedTuple):
    start: int
    end: int
    rate: Fraction
    rule_id: str


def lint_loops(book: Book) -> Iterator[Lint]:
    """Everything in which value could go round."""
    yield from _earning_on_points(book)
    yield from _cheap_costs(book)
    yield from _round_trips(book)


def _earning_on_points(book: Book) -> Iterator[Lint]:
    if not any(rule.kind == Kind.BURN for rule in book.rules):
        return
    for rule in book.rules:
        if _earns_on_points(rule) and any(
            effect.purse in book.purses_of_worth and _grows_with_basis(effect) for effect in rule.effects
        ):
            yield Lint(
                "earn_loop",
                Severity.WARNING,
                rule.rule_id,
                "برای بخشی که با امتیاز پرداخت می‌شود هم امتیاز می‌دهد؛ پایه را «net_after_burn» بگذارید",
                "it also earns on the part paid from purses; use basis net_after_burn",
            )


def _cheap_costs(book: Book) -> Iterator[Lint]:
    worth = _rial_per_unit(book)
    for rule in book.rules:
        for cost in costs(rule):
            back = sum(
                effect.give for effect in given(rule) if effect.purse == cost.purse and _is_fixed(effect)
            )
            if back >= cost.give:
                yield _cheap(
                    rule,
                    f"{back} واحد از همان کیفی می‌دهد که {cost.give} واحد از آن می‌گیرد",
                    f"it gives {back} units of the purse of which it takes {cost.give}",
                )
        if rule.kind == Kind.DISCOUNT and costs(rule):
            price = sum((cost.give * worth.get(cost.purse, Fraction()) for cost in costs(rule)), Fraction())
            discount = sum(effect.give for effect in given(rule) if _is_fixed(effect))
            if 0 < price < discount:
                yield _cheap(
                    rule,
                    f"{discount} ریال تخفیف برای آنچه در پرداخت {int(price)} ریال می‌ارزد",
                    f"{discount} rial off for what is worth {int(price)} rial as payment",
                )


def _cheap(rule: TableRule, reason_fa: str, reason_en: str) -> Lint:
    return Lint(
        "cheap_cost",
        Severity.WARNING,
        rule.rule_id,
        f"ارزان‌تر از آن است که می‌دهد: {reason_fa}",
        f"it costs less than it gives: {reason_en}",
    )


def _rial_per_unit(book: Book) -> dict[int, Fraction]:
    """The best rate at which a purse pays a bill."""
    worth: dict[int, Fraction] = {}
    for way in _tenders(book):
        worth[way.start] = max(worth.get(way.start, way.rate), way.rate)
    return worth


def _round_trips(book: Book) -> Iterator[Lint]:
    best: dict[tuple[int, int], _Way] = {}
    for way in _ways(book):
        known = best.get((way.start, way.end))
        if known is None or way.rate > known.rate:
            best[way.start, way.end] = way
    ways = list(best.values())
    trip = _growing_trip(ways)
    if trip:
        gain = Fraction(1)
        for way in trip:
            gain *= way.rate
        ids = list(dict.fromkeys(way.rule_id for way in trip))
        names = " → ".join(ids)
        percent = int(gain * 100)
        yield Lint(
            "earn_loop",
            Severity.ERROR,
            ids[0],
            f"با دورِ {names} از هر ۱۰۰ واحد {percent} واحد می‌شود",
            f"going round by {names} makes {percent} out of every 100 units",
        )


def _growing_trip(ways: list[_Way]) -> list[_Way]:
    """A round trip that gains: a way that still improves after as many rounds as there are places."""
    places = {place for way in ways for place in (way.start, way.end)}
    amounts = dict.fromkeys(places, Fraction(1))
    by: dict[int, _Way] = {}
    improved: _Way | None = None
    for _ in places:
        improved = None
        for way in ways:
            amount = amounts[way.start] * way.rate
            if amount > amounts[way.end]:
                amounts[way.end] = amount
                by[way.end] = improved = way
        if improved is None:
            return []
    if improved is None:
        return []
    # Going back so often ends within the trip.
    place = improved.end
    for _ in places:
        place = by[place].start
    trip = [by[place]]
    while trip[-1].start != place:
        trip.append(by[trip[-1].start])
    return trip[::-1]


def _ways(book: Book) -> Iterator[_Way]:
    yield from _tenders(book)
    for rule in book.rules:
        if rule.kind == Kind.CONVERT:
            effect = rule.effects[0]
            yield _Way(effect.purse, effect.target, Fraction(effect.give, effect.per), rule.rule_id)
        elif _earns_on_points(rule):
            for effect in rule.effects:
                if effect.mode == CalcMode.RATE and effect.to in _TO_MEMBER and not effect.levels:
                    yield _Way(_RIAL, effect.purse, Fraction(effect.give, effect.per), rule.rule_id)
        elif len(costs(rule)) == 1:
            yield from _exchanges(rule, costs(rule)[0])


def _tenders(book: Book) -> Iterator[_Way]:
    for rule in book.rules:
        if rule.kind == Kind.BURN:
            for effect in rule.effects:
                yield _Way(effect.purse, _RIAL, Fraction(effect.per, effect.give), rule.rule_id)


def _exchanges(rule: TableRule, cost: Effect) -> Iterator[_Way]:
    for effect in given(rule):
        if _is_fixed(effect) and effect.to in _TO_MEMBER:
            end = _RIAL if effect.type == EffectType.DISCOUNT else effect.purse
            if end != cost.purse:
                yield _Way(cost.purse, end, Fraction(effect.give, cost.give), rule.rule_id)


def _earns_on_points(rule: TableRule) -> bool:
    return rule.kind == Kind.EARN and rule.basis.of in _WITH_POINTS and "purchase" in rule.triggers


def _is_fixed(effect: Effect) -> bool:
    return effect.mode == CalcMode.FIXED and effect.give > 0


def _grows_with_basis(effect: Effect) -> bool:
    return effect.mode == CalcMode.RATE or any(band.per for band in effect.bands)
