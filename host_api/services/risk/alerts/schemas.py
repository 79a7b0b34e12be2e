"""What alerts take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from host_api.core.path_ids import LARGEST_ID
from host_api.services.risk.limits.schemas import RiskSeverity

Note = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class RiskAlertState(StrEnum):
    """Whether anybody has looked, and what they found."""

    OPEN = "open"
    TRUE_POSITIVE = "true_positive"
    FALSE_POSITIVE = "false_positive"


class RiskActKind(StrEnum):
    """What can be done about an alert. HOLD is a block that a false positive lifts; RELEASE_CARD,
    SERVE_TERMINAL and UNLOCK_OPERATOR lift blocks and take a second person."""

    HOLD = "hold"
    BLOCK_CARD = "block_card"
    BLOCK_TERMINAL = "block_terminal"
    BLOCK_OPERATOR = "block_operator"
    RELEASE_CARD = "release_card"
    SERVE_TERMINAL = "serve_terminal"
    UNLOCK_OPERATOR = "unlock_operator"


class RiskActState(StrEnum):
    """Where an act stands. ASKED waits for a second person, DUE for a moment."""

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    DUE = "due"
    DONE = "done"
    FAILED = "failed"


_ACT: dict[str, JsonValue] = {
    "id": 5,
    "alert_id": 7,
    "kind": "hold",
    "target": "112",
    "state": "done",
    "asked_by": "risk",
    "asked_at": "2026-03-21T06:31:12Z",
    "decided_by": None,
    "decided_at": None,
    "done_at": "2026-03-21T06:31:13Z",
    "fault": None,
}


class RiskActRead(BaseModel):
    """Something that was done about an alert, or is asked for."""

    model_config = ConfigDict(json_schema_extra={"example": _ACT})

    id: int
    alert_id: int
    kind: RiskActKind
    target: str | None = Field(description="Id of the card, terminal or operator.")
    state: RiskActState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    done_at: datetime | None
    fault: str | None = Field(description="Code of the problem for which it could not be done.")


_ALERT: dict[str, JsonValue] = {
    "id": 7,
    "limit_id": 3,
    "severity": "medium",
    "subject": "member:12",
    "state": "open",
    "times": 1,
    "value": 3,
    "most": 2,
    "member_id": 12,
    "card_reference": 112,
    "terminal_id": "TERM0001",
    "merchant_id": "SHOP01",
    "branch_number": 1,
    "operator_id": None,
    "evidence": ["000000000017"],
    "first_at": "2026-03-21T06:31:12Z",
    "last_at": "2026-03-21T06:31:12Z",
    "decided_by": None,
    "decided_at": None,
    "note": None,
}


class RiskAlertRead(BaseModel):
    """A limit that somebody or something has passed."""

    model_config = ConfigDict(json_schema_extra={"example": _ALERT})

    id: int
    limit_id: int
    severity: RiskSeverity
    subject: str = Field(description="Whose counter it was, as card:112, member:12 or member:12@TERM0001.")
    state: RiskAlertState
    times: int = Field(description="How often it was passed within the window.")
    value: int = Field(description="What the counter came to, the highest.")
    most: int
    member_id: int | None
    card_reference: int | None
    terminal_id: str | None
    merchant_id: str | None
    branch_number: int | None
    operator_id: int | None
    evidence: list[str] = Field(description="RRNs, or references of trades; the first 20.")
    first_at: datetime
    last_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None


class RiskAlertWithActs(RiskAlertRead):
    """The same, and what was done about it."""

    model_config = ConfigDict(json_schema_extra={"example": {**_ALERT, "acts": [_ACT]}})

    acts: list[RiskActRead]


class RiskAlertFeedback(BaseModel):
    """Whether an alert was right."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"verdict": "true_positive", "note": "با مشتری تبانی"}}
    )

    verdict: Literal[RiskAlertState.TRUE_POSITIVE, RiskAlertState.FALSE_POSITIVE]
    note: Note | None = None


class RiskActCreate(BaseModel):
    """Something to be done about an alert."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"kind": "block_card"}})

    kind: RiskActKind


class RiskMissCreate(BaseModel):
    """A fraud that no limit has caught."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"rrn": "000000000017", "limit_id": 3}}
    )

    limit_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="The limit that ought to have caught it."
    )
    rrn: str | None = Field(default=None, pattern=r"^[0-9]{12}$")
    member_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    note: Note | None = None
    at: AwareDatetime | None = Field(default=None, description="Left out, now.")

    @model_validator(mode="after")
    def _check_named(self) -> Self:
        if self.rrn is None and self.member_id is None:
            raise PydanticCustomError("miss_unnamed", "rrn or member_id tells what was missed")
        return self


class RiskMissRead(BaseModel):
    """A fraud that was missed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "limit_id": 3,
                "rrn": "000000000017",
                "member_id": None,
                "note": None,
                "at": "2026-03-21T06:30:00Z",
                "reported_by": "نگار",
            }
        }
    )

    id: int
    limit_id: int | None
    rrn: str | None
    member_id: int | None
    note: str | None
    at: datetime
    reported_by: str


class RiskFiguresRead(BaseModel):
    """How right the alerts of a limit, or of all limits together, were."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "limit_id": 3,
                "name": "Quick returns",
                "name_fa": "برگشت‌های پی‌درپی",
                "alerts": 12,
                "open": 2,
                "true_positives": 8,
                "false_positives": 2,
                "missed": 2,
                "precision_percent": 80,
                "recall_percent": 80,
            }
        }
    )

    limit_id: int | None = Field(description="null: all limits together, and what none was to catch.")
    name: str | None
    name_fa: str | None
    alerts: int
    open: int
    true_positives: int
    false_positives: int
    missed: int
    precision_percent: int | None = Field(description="Of decided alerts those that were right; null: none.")
    recall_percent: int | None = Field(description="Of known frauds those with an alert; null: none known.")
