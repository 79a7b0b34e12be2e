"""What a request is about, drawn from a seed: its kind, its card, its amount."""

import random
from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate

from simulator.load.plan import Amounts, Basket, Cards, LoadPlan
from simulator.load.requests import Kind, basket_of, track_around

Draw = Callable[[], float]


class Choices:
    """Draws; `cards` are those of the plan, or whoever's stand in for them."""

    def __init__(self, plan: LoadPlan, cards: Sequence[Cards]) -> None:
        draw = random.Random(plan.seed).random
        kinds = [kind for kind, weight in plan.mix.items() if weight]
        self.kinds = frozenset(kinds)
        choose = _chooser([plan.mix[kind] for kind in kinds], draw)
        # The next request's kind; digits of its field 35; digits of its field 4 and, with a basket, field 48.
        self.kind: Callable[[], Kind] = (lambda: kinds[0]) if len(kinds) == 1 else lambda: kinds[choose()]
        self.track: Callable[[], str] = _card_drawer(cards, draw)
        self.bill: Callable[[], tuple[str, bytes]] = (
            _table(plan.baskets, draw) if plan.baskets else _range(plan.amounts or Amounts(), draw)
        )


def _chooser(weights: Sequence[float], draw: Draw) -> Callable[[], int]:
    """Draws places by their weights."""
    if len(weights) == 1:
        return lambda: 0
    bounds = list(accumulate(weights))
    total, last = bounds[-1], len(bounds) - 1
    return lambda: min(bisect(bounds, draw() * total), last)


def _card_drawer(ranges: Sequence[Cards], draw: Draw) -> Callable[[], str]:
    used = [each for each in ranges if each.weight]
    drawers = [_numbers(each, draw) for each in used]
    choose = _chooser([each.weight for each in used], draw)

    def card() -> str:
        return drawers[choose()]()

    return drawers[0] if len(drawers) == 1 else card


def _numbers(cards: Cards, draw: Draw) -> Callable[[], str]:
    first, digits, count = int(cards.first), len(cards.first), cards.count
    before, behind = track_around(cards.first)
    if cards.distribution == "uniform":
        return lambda: f"{before}{first + int(draw() * count):0{digits}d}{behind}"
    choose = _chooser([rank**-cards.exponent for rank in range(1, count + 1)], draw)
    return lambda: f"{before}{first + choose():0{digits}d}{behind}"


def _range(amounts: Amounts, draw: Draw) -> Callable[[], tuple[str, bytes]]:
    least, step = amounts.least, amounts.step
    span = amounts.most / least
    lowest = -(-least // step) * step

    def bill() -> tuple[str, bytes]:
        return f"{max(int(least * span ** draw()) // step * step, lowest):012d}", b""

    return bill


def _table(baskets: Sequence[Basket], draw: Draw) -> Callable[[], tuple[str, bytes]]:
    bills = [(f"{each.amount:012d}", basket_of(each.lines)) for each in baskets if each.weight]
    choose = _chooser([each.weight for each in baskets if each.weight], draw)
    return lambda: bills[choose()]
