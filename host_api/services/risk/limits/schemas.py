"""What limits take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.services.risk.counting.measures import OF_TRADES, RiskMeasure, RiskPer

LONGEST_WINDOW_MINUTES: Final = 44_640  # 31 days
DEFAULT_SPEED_KMH: Final = 120
DEFAULT_QUICK_MINUTES: Final = 60

Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
Most = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]
Minute = Annotated[int, Field(ge=0, le=1_440)]
Weekday = Annotated[int, Field(ge=0, le=6)]


class RiskSeverity(StrEnum):
    """How much it weighs in the score of a member."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class BreachAction(StrEnum):
    """What follows where a limit is passed, besides the alert.

    HOLD blocks the card until a person has looked: a false positive releases it. The others block for good:
    whoever lifts it needs a second person.
    """

    WARN = "warn"
    HOLD = "hold"
    BLOCK_CARD = "block_card"
    BLOCK_TERMINAL = "block_terminal"
    BLOCK_OPERATOR = "block_operator"


class RiskLimitState(StrEnum):
    """Where a limit stands. ASKED waits for a second person."""

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


_NEEDED: Final = {
    BreachAction.BLOCK_TERMINAL: frozenset((RiskPer.TERMINAL, RiskPer.MEMBER_AT_TERMINAL, RiskPer.OPERATOR)),
    BreachAction.BLOCK_OPERATOR: frozenset((RiskPer.OPERATOR,)),
    BreachAction.HOLD: frozenset((RiskPer.CARD, RiskPer.MEMBER, RiskPer.MEMBER_AT_TERMINAL)),
    BreachAction.BLOCK_CARD: frozenset((RiskPer.CARD, RiskPer.MEMBER, RiskPer.MEMBER_AT_TERMINAL)),
}


class RiskLimitCreate(BaseModel):
    """A further limit."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "Quick returns",
                "name_fa": "برگشت‌های پی‌درپی",
                "measure": "quick_returns",
                "per": "member",
                "window_minutes": 1440,
                "most": 2,
                "action": "hold",
            }
        },
    )

    name: Name
    name_fa: Name
    measure: RiskMeasure
    per: RiskPer
    window_minutes: int = Field(
        ge=1, le=LONGEST_WINDOW_MINUTES, description="Slides on in twelfths; at most 31 days."
    )
    most: Most = Field(description="More than this passes the limit; 0: anything at all.")
    from_minute: Minute | None = Field(
        default=None, description="Only from this minute of the day in Tehran; may lie behind until_minute."
    )
    until_minute: Minute | None = Field(default=None, description="Only before this minute of the day.")
    weekdays: list[Weekday] | None = Field(
        default=None, min_length=1, max_length=7, description="Only on these, Monday 0; null is every day."
    )
    speed_kmh: int = Field(
        default=DEFAULT_SPEED_KMH, ge=1, le=1_000, description="Of far_hops: nobody travels faster."
    )
    quick_minutes: int = Field(
        default=DEFAULT_QUICK_MINUTES, ge=1, le=44_640, description="Of quick_returns: so young a sale."
    )
    severity: RiskSeverity = RiskSeverity.MEDIUM
    action: BreachAction = BreachAction.WARN

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        if (self.from_minute is None) != (self.until_minute is None) or (
            self.from_minute is not None and self.from_minute == self.until_minute
        ):
            raise PydanticCustomError("limit_hours", "from_minute and until_minute go together and differ")
        if self.measure in OF_TRADES and self.per is not RiskPer.MEMBER:
            raise PydanticCustomError("limit_per", "Trades are counted by member")
        if self.measure is RiskMeasure.FAR_HOPS and self.per not in (RiskPer.CARD, RiskPer.MEMBER):
            raise PydanticCustomError("limit_per", "Hops are counted by card or member")
        needed = _NEEDED.get(self.action)
        if needed is not None and (self.per not in needed or self.measure in OF_TRADES):
            raise PydanticCustomError("limit_action", "Nobody is there to be blocked by such a limit")
        return self


class RiskLimitUpdate(BaseModel):
    """What is to be different. One that acts by itself needs a second person again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"most": 5}})

    name: Name | None = None
    name_fa: Name | None = None
    most: Most | None = None
    severity: RiskSeverity | None = None


_LIMIT: dict[str, JsonValue] = {
    "id": 3,
    "name": "Quick returns",
    "name_fa": "برگشت‌های پی‌درپی",
    "measure": "quick_returns",
    "per": "member",
    "window_minutes": 1440,
    "most": 2,
    "from_minute": None,
    "until_minute": None,
    "weekdays": None,
    "speed_kmh": 120,
    "quick_minutes": 60,
    "severity": "medium",
    "action": "hold",
    "state": "active",
    "asked_by": "نگار",
    "asked_at": "2026-03-21T06:30:00Z",
    "decided_by": "امید",
    "decided_at": "2026-03-21T06:40:00Z",
    "active_from": "2026-03-21T06:40:00Z",
    "gate_rule_id": None,
}


class RiskLimitRead(BaseModel):
    """A limit."""

    model_config = ConfigDict(json_schema_extra={"example": _LIMIT})

    id: int
    name: str
    name_fa: str
    measure: RiskMeasure
    per: RiskPer
    window_minutes: int
    most: int
    from_minute: int | None
    until_minute: int | None
    weekdays: list[int] | None
    speed_kmh: int
    quick_minutes: int
    severity: RiskSeverity
    action: BreachAction
    state: RiskLimitState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    active_from: datetime | None = Field(description="What happened before doesn't count.")
    gate_rule_id: str | None = Field(description="The draft's rule that stops sales beyond this limit.")


class RiskGateRead(BaseModel):
    """The rule that stops sales beyond a limit, as the draft has it now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"limit_id": 3, "rule_id": "RISK-3", "draft_rule_id": 12, "response_code": "65"}
        }
    )

    limit_id: int
    rule_id: str
    draft_rule_id: int
    response_code: str = Field(description="Field 39 of a refusal: 65 too often, 61 too much.")
