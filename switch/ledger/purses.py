"""The table of purses: what can be held, and whether it may be overdrawn."""

from enum import IntEnum
from typing import NamedTuple

from protocol.dialect import IRR, NO_CURRENCY

# Field 54 has twelve digits for a balance.
BALANCE_MAX = 999_999_999_999


class PurseCode(IntEnum):
    """Account type of a purse in fields 3 and 54."""

    POINTS = 91
    CREDIT = 92


class Purse(NamedTuple):
    """One purse's policy.

    `spending_may_overdraw`: a redemption may exceed the balance. `reversal_may_overdraw`: giving back an
    earning that the member has already spent leaves a negative balance, which later earnings fill up again;
    refusing would leave the shop with a sale that can't be undone.
    """

    code: PurseCode
    name: str
    currency: str
    spending_may_overdraw: bool
    reversal_may_overdraw: bool


PURSES = {
    PurseCode.POINTS: Purse(PurseCode.POINTS, "points", NO_CURRENCY, False, True),
    PurseCode.CREDIT: Purse(PurseCode.CREDIT, "credit", IRR, False, True),
}
PURSE_BY_NAME = {purse.name: purse for purse in PURSES.values()}
