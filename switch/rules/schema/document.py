"""A whole rule document, format 2: a programme, what its rules refer to, and the rules."""

from itertools import pairwise
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StrictInt, model_validator

from switch.rules.packing.bounds import (
    BUDGETS_MAX,
    COUNTERS_MAX,
    FUNDERS_MAX,
    GROUPS_MAX,
    HOLD_MINUTES_MAX,
    IDS_MAX,
    LIMITS_MAX,
    NAMED_BITS_MAX,
    PURSES_MAX,
    RETURN_DAYS_MAX,
    SHARE_WHOLE,
    TIERS_MAX,
)
from switch.rules.schema.conditions import Condition
from switch.rules.schema.purses import BUILT_IN_PURSES, PurseSpec
from switch.rules.schema.rule import (
    DEFAULT_PRIORITY,
    CapPerName,
    OnHit,
    Rule,
    Status,
    WindowName,
)
from switch.rules.schema.values import (
    Amount,
    AmountOrZero,
    Bit,
    MemberText,
    Name,
    Owner,
    Part,
    Priority,
    PurseName,
    RuleId,
    Text,
    TierName,
    Version,
)
from switch.rules.table import RULES_MAX

FORMAT_VERSION: Final = 2
SCHEMA_URN: Final = "urn:vafa:rule-set:2"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise ValueError(f"time zone {name} is unknown") from None
    return name


class TierLevel(Part):
    """Reached from this balance of the tier purse on."""

    name: TierName
    from_: AmountOrZero = Field(alias="from")


class Tiers(Part):
    """Levels by the balance of one purse."""

    purse: PurseName
    levels: Annotated[tuple[TierLevel, ...], Field(min_length=1, max_length=TIERS_MAX)]

    @model_validator(mode="after")
    def _levels_rise(self) -> Self:
        starts = [level.from_ for level in self.levels]
        if starts[0] != 0 or any(b <= a for a, b in pairwise(starts)):
            raise ValueError("levels rise, the first from 0")
        if len({level.name for level in self.levels}) != len(self.levels):
            raise ValueError("two levels have the same name")
        return self


class GroupSpec(Part):
    """Rules of which only some count when several match."""

    name: Name
    mode: Literal["sum", "best_for_member", "best_for_owner", "first"]


class FunderSpec(Part):
    """Who pays which part, per thousand; `number` is only for a partner."""

    party: Literal["programme", "merchant", "partner"]
    number: Owner | None = None
    share: Annotated[StrictInt, Field(ge=1, le=SHARE_WHOLE)]

    @model_validator(mode="after")
    def _number_agrees(self) -> Self:
        if (self.party == "partner") != (self.number is not None):
            raise ValueError("number is for a partner, and needed there")
        return self


class BudgetSpec(Part):
    """What rules may spend together, and who funds it."""

    id: Name
    amount: Amount
    unit: Literal["units", "rial"]
    on_empty: Literal["stop", "continue_unfunded", "notify"] = "stop"
    funded_by: Annotated[tuple[FunderSpec, ...], Field(min_length=1, max_length=FUNDERS_MAX)] = (
        FunderSpec(party="programme", share=SHARE_WHOLE),
    )

    @model_validator(mode="after")
    def _shares_agree(self) -> Self:
        if sum(funder.share for funder in self.funded_by) != SHARE_WHOLE:
            raise ValueError(f"shares sum to {SHARE_WHOLE}")
        if len({(funder.party, funder.number) for funder in self.funded_by}) != len(self.funded_by):
            raise ValueError("a funder stands twice")
        return self


class LimitSpec(Part):
    """A cap over all rules that fill a purse."""

    purse: PurseName
    of: Literal["units", "liability"]
    per: CapPerName
    window: WindowName | None = None
    limit: Amount
    on_hit: OnHit = "clip"

    @model_validator(mode="after")
    def _window_agrees(self) -> Self:
        if (self.per == "transaction") != (self.window is None):
            raise ValueError("window is for all limits but those per transaction, and needed there")
        return self


class CounterSpec(Part):
    """A number of purchases that conditions can read as `counter.<id>`."""

    id: Name
    of: Annotated[str, Field(pattern=r"^(visits|amount|quantity|metric:[a-z][a-z0-9_]{0,15})$")]
    per: Literal["member", "card", "household", "merchant", "branch", "terminal", "operator", "global"]
    window: WindowName
    when: Condition | None = None


class NeededAgreements(Part):
    """Agreements without which no rule counts: those that give, or those by which a member spends."""

    earn: Annotated[tuple[Name, ...], Field(max_length=IDS_MAX)] = ()
    spend: Annotated[tuple[Name, ...], Field(max_length=IDS_MAX)] = ()


class SimpleRule(Part):
    """A rule in one line of English or Persian; see `switch.rules.simple`."""

    rule_id: RuleId
    text: Annotated[str, Field(min_length=1, max_length=500)]
    version: Version = 1
    status: Status = "active"
    priority: Priority = DEFAULT_PRIORITY
    name: Text | None = None
    member_text: MemberText | None = None


class Head(Part):
    """A rule document without its rules."""

    format: Literal[2]
    programme: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_known_zone)] = "Asia/Tehran"
    calendar: Literal["jalali", "gregorian"] = "jalali"
    return_days: Annotated[StrictInt, Field(ge=0, le=RETURN_DAYS_MAX)] = 30
    hold_minutes: Annotated[StrictInt, Field(ge=1, le=HOLD_MINUTES_MAX)] = 60
    purses: Annotated[tuple[PurseSpec, ...], Field(min_length=1, max_length=PURSES_MAX)] = BUILT_IN_PURSES
    segments: Annotated[dict[Name, Bit], Field(max_length=NAMED_BITS_MAX)] = Field({})
    agreements: Annotated[dict[Name, Bit], Field(max_length=NAMED_BITS_MAX)] = Field({})
    agreements_needed: NeededAgreements = NeededAgreements()
    tiers: Tiers | None = None
    groups: Annotated[tuple[GroupSpec, ...], Field(max_length=GROUPS_MAX - 1)] = ()
    budgets: Annotated[tuple[BudgetSpec, ...], Field(max_length=BUDGETS_MAX)] = ()
    limits: Annotated[tuple[LimitSpec, ...], Field(max_length=LIMITS_MAX)] = ()
    counters: Annotated[tuple[CounterSpec, ...], Field(max_length=COUNTERS_MAX)] = ()

    def agreements_for(self, rule: Rule) -> tuple[str, ...]:
        """Agreements that a rule needs because all rules of its kind do."""
        needed = self.agreements_needed
        return needed.earn if rule.act == "earn" else needed.spend if rule.act == "spend" else ()


class RuleSet(Head):
    """A whole rule document.

    The models know only what each part must be; `switch.rules.compiler` checks how the parts agree.
    """

    rules: Annotated[tuple[Rule, ...], Field(max_length=RULES_MAX)] = ()
    simple: Annotated[tuple[SimpleRule, ...], Field(max_length=RULES_MAX)] = ()
