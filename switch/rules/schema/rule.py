"""One rule as people write it, one version of it."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, StrictBool, model_validator

from switch.rules.packing.bounds import (
    BLACKOUT_MAX,
    CAPS_MAX,
    EFFECTS_MAX,
    IDS_MAX,
    STATUSES_MAX,
    TRIGGERS_MAX,
    VALUES_MAX,
    WINDOWS_MAX,
)
from switch.rules.schema.conditions import Condition, ItemSelections
from switch.rules.schema.effects import EffectSpec
from switch.rules.schema.values import (
    Amount,
    Clock,
    ClockUntil,
    DateOrRange,
    FactText,
    MemberText,
    Moment,
    Name,
    OptionalText,
    Part,
    Priority,
    RuleId,
    Text,
    Version,
    Weekday,
)

Status = Literal["draft", "in_review", "approved", "scheduled", "active", "paused", "ended", "archived"]
KindName = Literal["gate", "discount", "burn", "earn", "gift", "convert"]
# Only these get into the table; a scheduled rule waits for its schedule there.
COMPILED_STATUSES: Final = ("active", "scheduled")
DEFAULT_PRIORITY: Final = 100
DEFAULT_GROUP: Final = "base"

TriggerName = Annotated[
    str,
    Field(
        pattern=r"^(purchase|burn_request|enrol|review|referral|visit|survey|trade|festival|birthday"
        r"|conversion|custom:[a-z0-9][a-z0-9_-]{0,23})$"
    ),
]
BasisName = Annotated[
    str,
    Field(pattern=r"^(amount|net_after_burn|lines|quantity|visits|metric:[a-z][a-z0-9_]{0,15})$"),
]
WindowName = Annotated[str, Field(pattern=r"^(hour|day|week|month|year|lifetime|rolling:P[1-9][0-9]{0,2}D)$")]
CapPerName = Literal[
    "transaction", "member", "card", "household", "merchant", "branch", "terminal", "operator", "global"
]
OnHit = Literal["clip", "skip"]
Places = Annotated[tuple[FactText, ...], Field(max_length=VALUES_MAX)]


class TimeWindowSpec(Part):
    """Hours of some days, `to` excluded; where `to` isn't after `from` it runs over midnight."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] = (
        "SAT",
        "SUN",
        "MON",
        "TUE",
        "WED",
        "THU",
        "FRI",
    )
    from_: Clock = Field("00:00", alias="from")
    to: ClockUntil = "24:00"


class Schedule(Part):
    """When a rule holds: from the first moment to the last day (a plain date is included whole)."""

    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None
    windows: Annotated[tuple[TimeWindowSpec, ...], Field(max_length=WINDOWS_MAX)] = ()
    blackout: Annotated[tuple[DateOrRange, ...], Field(max_length=BLACKOUT_MAX)] = ()


class Scope(Part):
    """Where a rule holds; an empty list is everywhere. A branch is `<merchant>/<number>`."""

    merchants: Places = ()
    branches: Places = ()
    terminals: Places = ()
    guilds: Places = ()
    sectors: Places = ()
    cities: Places = ()
    organisations: Places = ()
    card_types: Places = ()
    channels: Places = ()


class BasisSpec(Part):
    """What amounts are computed from; `include` and `exclude` select basket lines."""

    of: BasisName | None = Field(None, description="default net_after_burn for earn, else amount")
    include: ItemSelections = ()
    exclude: ItemSelections = ()


class CapSpec(Part):
    """An exact bound over a time; per transaction there's no window."""

    of: Literal["units", "uses", "amount", "liability"]
    per: CapPerName
    window: WindowName | None = None
    limit: Amount
    on_hit: OnHit = "clip"

    @model_validator(mode="after")
    def _window_agrees(self) -> Self:
        if (self.per == "transaction") != (self.window is None):
            raise ValueError("window is for all caps but those per transaction, and needed there")
        return self


class Stacking(Part):
    """How the rule goes with others."""

    group: Name = DEFAULT_GROUP
    phase: Literal["base", "bonus"] | None = None
    excludes: Annotated[tuple[RuleId, ...], Field(max_length=IDS_MAX)] = ()
    requires: Annotated[tuple[RuleId, ...], Field(max_length=IDS_MAX)] = ()
    stop_after: StrictBool = False


class Gate(Part):
    """What the member must have."""

    agreements: Annotated[tuple[Name, ...], Field(max_length=IDS_MAX)] = ()
    member_status: Annotated[tuple[Literal["active", "blocked"], ...], Field(max_length=STATUSES_MAX)] = ()


class Reversal(Part):
    """What a return does."""

    on_return: Literal["pro_rata", "by_line", "full", "keep"] = "pro_rata"
    allow_negative: StrictBool = True
    restore_budget: StrictBool = True


class Rule(Part):
    """One rule of a programme, one version of it; changing it means a new version."""

    rule_id: RuleId
    version: Version = 1
    revision_of: Version | None = None
    status: Status
    kind: KindName
    priority: Priority = DEFAULT_PRIORITY
    name: Text
    member_text: MemberText = MemberText()
    author: OptionalText | None = None
    approved_by: OptionalText | None = None
    tags: Annotated[tuple[OptionalText, ...], Field(max_length=IDS_MAX)] = ()
    goal: OptionalText | None = None
    trigger: TriggerName | Annotated[tuple[TriggerName, ...], Field(min_length=1, max_length=TRIGGERS_MAX)]
    schedule: Schedule = Schedule()
    scope: Scope = Scope()
    when: Condition | None = None
    basis: BasisSpec = BasisSpec()
    effects: Annotated[tuple[EffectSpec, ...], Field(min_length=1, max_length=EFFECTS_MAX)]
    caps: Annotated[tuple[CapSpec, ...], Field(max_length=CAPS_MAX)] = ()
    budget: Name | None = None
    stacking: Stacking = Stacking()
    gate: Gate = Gate()
    reversal: Reversal = Reversal()

    @property
    def triggers(self) -> tuple[str, ...]:
        """The triggers as a list, also where one stands alone."""
        return (self.trigger,) if isinstance(self.trigger, str) else self.trigger

    @property
    def basis_of(self) -> str:
        """What amounts are computed from, with the default of the kind."""
        return self.basis.of or ("net_after_burn" if self.kind == "earn" else "amount")

    @property
    def is_multiplier(self) -> bool:
        """Whether it multiplies what base rules gave."""
        return any(effect.calc is not None and effect.calc.mode == "multiplier" for effect in self.effects)

    @property
    def act(self) -> Literal["earn", "spend"] | None:
        """What a member does by it: None of gates, and of discounts that nobody asks for."""
        if self.kind in ("burn", "convert") or "burn_request" in self.triggers:
            return "spend"
        return "earn" if self.kind in ("earn", "gift") else None

    @property
    def is_compiled(self) -> bool:
        """Whether its status lets it into the table."""
        return self.status in COMPILED_STATUSES
