"""Evaluation of a rule table: integers only, no state."""

from typing import NamedTuple

from switch.ledger.purses import PurseCode
from switch.rules.table import Effect, Rounding, RuleTable, TableRule


class Grant(NamedTuple):
    """What one effect of one rule gives or takes: a positive amount in the purse's own units."""

    purse: PurseCode
    amount: int
    rule: TableRule


def earnings(table: RuleTable, basis: int) -> list[Grant]:
    """Grants for a purchase whose part paid with money is `basis` minor units, in evaluation order."""
    grants = []
    for rule, effect in table.earning:
        amount = rate(effect, basis)
        if effect.maximum and amount > effect.maximum:
            amount = effect.maximum
        if amount > 0 and amount >= effect.minimum:
            grants.append(Grant(effect.purse, amount, rule))
    return grants


def tender(table: RuleTable, purse: PurseCode, amount: int) -> Grant | None:
    """What paying `amount` minor units from a purse takes out of it; None where no rule allows that."""
    pair = table.tenders.get(purse)
    if pair is None:
        return None
    rule, effect = pair
    return Grant(purse, rate(effect, amount), rule)


def rate(effect: Effect, amount: int) -> int:
    """`give` for every `per` of the amount, rounded once, at the purse's own precision."""
    product = amount * effect.give
    if effect.rounding == Rounding.FLOOR:
        return product // effect.per
    if effect.rounding == Rounding.CEIL:
        return -(-product // effect.per)
    return (2 * product + effect.per) // (2 * effect.per)
