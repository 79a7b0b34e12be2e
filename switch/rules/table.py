"""The immutable rule table: what the evaluator reads. Made by the compiler or from journaled bytes.

Plain values only. Rules stand in evaluation order: priority from high to low, then id; the order in which
they were written or edited means nothing.
"""

import hashlib
from enum import IntEnum
from typing import NamedTuple

from switch.rules.caps import Cap, CapPer, CapWindow, Limit
from switch.rules.conditions import Condition, ItemTest
from switch.rules.outcome import EffectType, Party, ReturnPolicy
from switch.rules.purses import Purse

RULES_MAX = 20_000

# Bounds of validity where a rule names none.
ALWAYS_FROM_S = 0
FOREVER_UNTIL_S = (1 << 40) - 1


class Kind(IntEnum):
    """What a rule is for."""

    GATE = 1
    DISCOUNT = 2
    BURN = 3
    EARN = 4
    GIFT = 5
    CONVERT = 6


class TimeWindow(NamedTuple):
    """Hours of days in local time: `days` has bit 0 for Saturday; minutes of the day, `until` excluded.

    Where `until` isn't after `from` the window runs over midnight and belongs to the day on which it begins.
    """

    days: int
    from_minute: int
    until_minute: int


class BasisOf(IntEnum):
    """What an effect is computed from."""

    AMOUNT = 1
    NET_AFTER_BURN = 2
    LINES = 3
    QUANTITY = 4
    METRIC = 5
    VISITS = 6


class Basis(NamedTuple):
    """`include` and `exclude` select basket lines by item; both empty takes the whole bill."""

    of: BasisOf
    metric: str
    include: tuple[ItemTest, ...]
    exclude: tuple[ItemTest, ...]


class CalcMode(IntEnum):
    """How an amount is computed."""

    FIXED = 1
    RATE = 2
    BANDED = 3
    MULTIPLIER = 4


class Rounding(IntEnum):
    """How a fraction becomes an integer: HALF_UP takes the half away from zero."""

    FLOOR = 1
    HALF_UP = 2
    CEIL = 3


class Band(NamedTuple):
    """From this basis on; `per` 0 gives a fixed amount."""

    from_basis: int
    give: int
    per: int


class PendingKind(IntEnum):
    """When an earning can be spent."""

    NONE = 1
    AFTER = 2
    ON_ACTION = 3


class PeriodUnit(IntEnum):
    """Length of a period; months and years are those of the rule's calendar."""

    DAY = 1
    MONTH = 2
    YEAR = 3


class ExpiryModel(IntEnum):
    """When an earning expires; expiry by inactivity is the purse's matter (`Purse.inactivity_days`)."""

    NEVER = 1
    ROLLING = 2
    FIXED = 3


class PeriodEnd(IntEnum):
    """To which end an expiry is moved up; DAY is the end of that local day."""

    DAY = 1
    WEEK = 2
    MONTH = 3
    QUARTER = 4
    YEAR = 5


class Expiry(NamedTuple):
    """`until_s` is for FIXED, count and unit for ROLLING."""

    model: ExpiryModel
    count: int  # type: ignore[assignment]  # hides the method of tuples
    unit: PeriodUnit
    end: PeriodEnd
    until_s: int


class Level(NamedTuple):
    """What one level of introducers gets; `per` 0 gives a fixed amount."""

    give: int
    per: int


class Effect(NamedTuple):
    """One effect; parts that its type doesn't use are 0, empty or None.

    `minimum` and `maximum` bound what one transaction gives (0: no bound). For TENDER they bound the units
    to spend, `step` is their granularity, `share_max` the greatest part of the bill per thousand. `target` is
    the purse that CONVERT fills from `purse`. Where `levels` isn't empty, introducers get it level by level.
    """

    type: EffectType
    purse: int
    target: int
    mode: CalcMode
    give: int
    per: int
    bands: tuple[Band, ...]
    rounding: Rounding
    minimum: int
    maximum: int
    step: int
    share_max: int
    pending: PendingKind
    pending_days: int
    expiry: Expiry
    to: Party
    to_number: int
    levels: tuple[Level, ...]
    reference: str
    response_code: str
    text_fa: str
    text_en: str


class OnEmpty(IntEnum):
    """What happens when a budget is used up."""

    STOP = 1
    CONTINUE_UNFUNDED = 2
    NOTIFY = 3


class Funder(NamedTuple):
    """Share per thousand; `party` MERCHANT is the sale's own merchant, `number` is only for PARTNER."""

    party: Party
    number: int
    share: int


class Budget(NamedTuple):
    """`in_rial` counts the value granted, else units."""

    budget_id: str
    counter: str
    amount: int
    in_rial: bool
    on_empty: OnEmpty
    funders: tuple[Funder, ...]


class CounterOf(IntEnum):
    """What a declared counter counts of each purchase."""

    VISITS = 1
    AMOUNT = 2
    QUANTITY = 3
    METRIC = 4


class DeclaredCounter(NamedTuple):
    """A counter that conditions read (`counter.<id>`) as it was before the purchase."""

    counter_id: str
    counter: str
    of: CounterOf
    metric: str
    per: CapPer
    window: CapWindow
    condition: Condition


class StackMode(IntEnum):
    """Which of a group's rules count when several match."""

    SUM = 1
    BEST_FOR_MEMBER = 2
    BEST_FOR_OWNER = 3
    FIRST = 4


class StackGroup(NamedTuple):
    """A group and its mode."""

    name: str
    mode: StackMode


class Phase(IntEnum):
    """When an earn or gift rule is computed."""

    BASE = 1
    MULTIPLIER = 2
    BONUS = 3


class Tier(NamedTuple):
    """Reached from `from_balance` of the tier purse on."""

    name: str
    from_balance: int


class Calendar(IntEnum):
    """Whose months, quarters and years count."""

    GREGORIAN = 1
    JALALI = 2


class TableRule(NamedTuple):
    """A rule as the evaluator sees it; scope has become part of `condition`.

    `triggers` names the requests that the rule looks at. `agreements` are bits that the member must have,
    `statuses` those a member may be in (empty: any).
    `budget` is the place in `RuleTable.budgets`, None for none; `group` the place in `RuleTable.groups`.
    """

    rule_id: str
    version: int
    kind: Kind
    phase: Phase
    priority: int
    triggers: tuple[str, ...]
    name_fa: str
    name_en: str
    member_text_fa: str
    member_text_en: str
    valid_from_s: int
    valid_until_s: int
    windows: tuple[TimeWindow, ...]
    blackout: tuple[tuple[int, int], ...]
    condition: Condition
    agreements: int
    statuses: tuple[str, ...]
    basis: Basis
    effects: tuple[Effect, ...]
    caps: tuple[Cap, ...]
    budget: int | None
    group: int
    excludes: tuple[str, ...]
    requires: tuple[str, ...]
    stop_after: bool
    on_return: ReturnPolicy
    allow_negative: bool
    restore_budget: bool


class Programme(NamedTuple):
    """What holds for all rules of a table. `segments` and `agreements` are names with their bits.

    `tier_purse` 0 means that tiers come from member records alone. `return_days` is how long a sale can be
    returned, `hold_minutes` how long an authorisation holds.
    """

    name: str
    time_zone: str
    calendar: Calendar
    purses: tuple[Purse, ...]
    segments: tuple[tuple[str, int], ...]
    agreements: tuple[tuple[str, int], ...]
    tier_purse: int
    tiers: tuple[Tier, ...]
    return_days: int
    hold_minutes: int


class RuleTable:
    """Compiled rules; never changed after it is made.

    `packed` are the canonical bytes that are journaled and hashed (see `packing`).
    """

    __slots__ = (
        "__weakref__",  # an evaluator lives as long as its table
        "budgets",
        "counters",
        "digest",
        "groups",
        "limits",
        "packed",
        "programme",
        "purses",
        "rules",
    )

    def __init__(  # noqa: PLR0917
        self,
        programme: Programme,
        groups: tuple[StackGroup, ...],
        budgets: tuple[Budget, ...],
        limits: tuple[Limit, ...],
        counters: tuple[DeclaredCounter, ...],
        rules: tuple[TableRule, ...],
        packed: bytes,
    ) -> None:
        self.programme = programme
        self.groups = groups
        self.budgets = budgets
        self.limits = limits
        self.counters = counters
        self.rules = rules
        self.packed = packed
        self.digest = hashlib.sha256(packed).hexdigest()
        self.purses = {purse.code: purse for purse in programme.purses}
