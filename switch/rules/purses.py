"""Purses: what a member can hold, as a rule set declares them."""

from enum import IntEnum
from typing import NamedTuple

# Field 54 has twelve digits for a balance.
BALANCE_MAX = 999_999_999_999

# Field 54 and field 3 name a purse by the two digits of an account type; 60-99 are not the standard's own.
PURSE_CODE_MIN = 60
PURSE_CODE_MAX = 99


class PurseUnit(IntEnum):
    """What a purse counts."""

    POINTS = 1
    MONEY = 2
    COUNT = 3


class Purse(NamedTuple):
    """One purse's policy; `code` is its account type in fields 3 and 54 and never changes its meaning.

    `currency` is ISO 4217 numeric. `value_give` minor units of rial are owed for every `value_per` units.
    `overdraft_max` is how far spending may take a balance below zero. `return_may_overdraw`: taking back an
    earning that is already spent leaves a negative balance, which later earnings fill up; where false such a
    return is refused. `is_pooled`: members of a household hold it together. `is_transferable`: members may
    give it to each other. `inactivity_days` (0: never) without a purchase or earning empty the purse.
    `restore_grace_days` is the least time that points given back by a return stay spendable.
    """

    code: int
    name: str
    title_fa: str
    title_en: str
    unit: PurseUnit
    currency: str
    value_give: int
    value_per: int
    overdraft_max: int
    return_may_overdraw: bool
    is_pooled: bool
    is_transferable: bool
    inactivity_days: int
    restore_grace_days: int

    def value(self, amount: int) -> int:
        """Rial that the programme owes for an amount, rounded up: a liability is never understated."""
        return -(-amount * self.value_give // self.value_per)
