"""Amounts: what an effect comes to for a basis, and what the basis of a rule is. Integers only."""

from collections.abc import Callable

from switch.rules.evaluator.matching import LineSelector, line_selector
from switch.rules.evaluator.postings import positions_of
from switch.rules.evaluator.run import Run
from switch.rules.table import Basis, BasisOf, CalcMode, Effect, Level, Rounding

Amount = Callable[[int], int]
BasisReader = Callable[[Run], tuple[int, int]]


def rounded(product: int, per: int, rounding: Rounding) -> int:
    """`product` / `per`, rounded once; nothing here is negative."""
    if rounding == Rounding.FLOOR:
        return product // per
    if rounding == Rounding.CEIL:
        return -(-product // per)
    return (2 * product + per) // (2 * per)


def raw_amount(effect: Effect) -> Amount:
    """What an effect comes to for a basis above 0, before its minimum and maximum.

    A MULTIPLIER's basis is the base earning on top of which it gives.
    """
    give, per, rounding = effect.give, effect.per, effect.rounding
    if effect.mode == CalcMode.FIXED:
        return lambda _basis: give
    if effect.mode == CalcMode.RATE:
        if rounding == Rounding.FLOOR:
            return lambda basis: basis * give // per
        return lambda basis: rounded(basis * give, per, rounding)
    if effect.mode == CalcMode.MULTIPLIER:
        more = max(give - per, 0)
        return lambda basis: rounded(basis * more, per, rounding)
    bands = tuple(reversed(effect.bands))

    def banded(basis: int) -> int:
        for from_basis, band_give, band_per in bands:
            if from_basis <= basis:
                return band_give if band_per == 0 else rounded(basis * band_give, band_per, rounding)
        return 0

    return banded


def level_amount(level: Level, rounding: Rounding) -> Amount:
    """What an introducer gets for a basis above 0."""
    give, per = level
    if per == 0:
        return lambda _basis: give
    return lambda basis: rounded(basis * give, per, rounding)


def bounded(amount: Amount, minimum: int, maximum: int) -> Amount:
    """Nothing below the minimum (0: none), and no more than the maximum (0: none)."""
    if minimum == 0 and maximum == 0:
        return amount

    def within(basis: int) -> int:
        value = amount(basis)
        if value < minimum:
            return 0
        return maximum if 0 < maximum < value else value

    return within


def basis_reader(basis: Basis) -> BasisReader:
    """Finds the basis of a rule, and the bits of the lines it comes from (0: the whole bill).

    Of NET_AFTER_BURN the selected lines bear their share of what was paid with purses and discounts.
    """
    of, metric = basis.of, basis.metric
    select = _selector(basis)
    if select is None:
        if of == BasisOf.NET_AFTER_BURN:
            return lambda run: (run.net, 0)
        if of == BasisOf.AMOUNT:
            return lambda run: (run.amount, 0)
        if of == BasisOf.METRIC:
            return lambda run: (run.facts.metrics.get(metric) or 0, 0)
        return lambda run: (1, 0)
    if of == BasisOf.METRIC:
        return lambda run: (run.facts.metrics.get(metric) or 0, select(run))
    if of == BasisOf.VISITS:
        return lambda run: (1, select(run))
    takes_all = not basis.include and of != BasisOf.LINES  # of a request that tells no lines

    def read(run: Run) -> tuple[int, int]:
        bits = select(run)
        lines = [run.lines[index] for index in positions_of(bits)]
        if of == BasisOf.QUANTITY:
            return sum(line.quantity for line in lines), bits
        amount = sum(line.amount for line in lines)
        if takes_all and not run.lines:
            amount = run.amount
        if of == BasisOf.NET_AFTER_BURN:
            amount = run.net * min(run.amount, amount) // run.amount if run.amount else 0
        return amount, bits

    return read


def _selector(basis: Basis) -> LineSelector | None:
    """The lines of a basis; None where it doesn't look at lines."""
    if not (basis.include or basis.exclude or basis.of in (BasisOf.LINES, BasisOf.QUANTITY)):
        return None
    includes = tuple(line_selector(test) for test in basis.include)
    excludes = tuple(line_selector(test) for test in basis.exclude)

    def select(run: Run) -> int:
        bits = 0 if includes else (1 << len(run.lines)) - 1
        for part in includes:
            bits |= part(run)
        for part in excludes:
            bits &= ~part(run)
        return bits

    return select
