"""How often and how much a rule may give: what is counted, of whom, over what time."""

from enum import IntEnum
from typing import NamedTuple


class CapOf(IntEnum):
    """What a cap counts: units granted, occasions, the basis amount, or the rial value granted."""

    UNITS = 1
    USES = 2
    AMOUNT = 3
    LIABILITY = 4


class CapPer(IntEnum):
    """Whose a cap is."""

    TRANSACTION = 1
    MEMBER = 2
    CARD = 3
    HOUSEHOLD = 4
    MERCHANT = 5
    BRANCH = 6
    TERMINAL = 7
    OPERATOR = 8
    GLOBAL = 9


class WindowKind(IntEnum):
    """Over what time a cap counts. ROLLING is the last `days` local days, today among them."""

    HOUR = 1
    DAY = 2
    WEEK = 3
    MONTH = 4
    YEAR = 5
    LIFETIME = 6
    ROLLING = 7


class CapWindow(NamedTuple):
    """`days` is only for ROLLING."""

    kind: WindowKind
    days: int


class Cap(NamedTuple):
    """`counter` names its counters for ever, over all versions of the rule. Where not `clips`, hitting it
    skips the rule (a gate denies)."""

    counter: str
    of: CapOf
    per: CapPer
    window: CapWindow
    limit: int
    clips: bool


class Limit(NamedTuple):
    """A cap over all rules that fill a purse."""

    purse: int
    cap: Cap
