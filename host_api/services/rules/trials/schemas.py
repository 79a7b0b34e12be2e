"""What trials take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from host_api.core.path_ids import LARGEST_ID
from host_api.services.rules.draft.json_content import JsonObject, RuleJson

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_SALE: JsonObject = {"amount": 2500000, "tier": "gold", "at": "1405-08-10T10:00"}

RowId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Sales = Annotated[
    list[RuleJson],
    Field(
        max_length=1000,
        description="In their order: trigger, at, amount, lines, member, merchant, branch, tier, segments, "
        "balances, reward, pay … as `vafa rules simulate` reads them.",
    ),
]


class TrialWork(StrEnum):
    """What is done: CHECK finds faults, lints and cost; EXPLAIN is about one sale, SIMULATE about many,
    REPLAY about the purchases in the journal."""

    CHECK = "check"
    EXPLAIN = "explain"
    SIMULATE = "simulate"
    REPLAY = "replay"


class TrialState(StrEnum):
    """Where a trial stands. REFUSED could not be done as asked, FAILED was given up by the machine."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version_id: RowId | None = Field(default=None, description="A frozen version; the draft where left out.")


class RuleCheckCreate(_Asked):
    """Check the draft or a version."""

    model_config = ConfigDict(json_schema_extra={"example": {}})


class RuleExplanationCreate(_Asked):
    """Explain the last of these sales; those before it come first."""

    model_config = ConfigDict(json_schema_extra={"example": {"sales": [_SALE]}})

    sales: Annotated[Sales, Field(min_length=1)]


class RuleSimulationCreate(_Asked):
    """Play sales through the rules, and through another version's where one is named."""

    model_config = ConfigDict(json_schema_extra={"example": {"sales": [_SALE], "against_version_id": 3}})

    against_version_id: RowId | None = None
    sales: Sales = Field(default_factory=list)
    sales_file_id: RowId | None = Field(
        default=None, description="A file of `POST /v1/files`: a JSON list, or a sale on each line."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.sales) == (self.sales_file_id is not None):
            raise ValueError("give sales or sales_file_id, and one of them only")
        return self


class RuleReplayCreate(_Asked):
    """Decide past purchases again."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"first_day": "1405-07-01", "last_day": "1405-07-30"}}
    )

    first_day: str | None = Field(
        default=None,
        pattern=_DAY,
        description="In the programme's time zone; Jalali where its year is below 1700.",
    )
    last_day: str | None = Field(default=None, pattern=_DAY, description="Included.")
    assume_absent: bool = Field(
        default=False,
        description="Take what no journal keeps (codes, channels, operators, entry modes, metrics, PINs) for "
        "absent; else rules that look at it are refused.",
    )


class Refusal(BaseModel):
    """Why it could not be done."""

    code: str
    lines: list[str]


class RuleTrialRead(BaseModel):
    """A trial and what came of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "work": "replay",
                "state": "done",
                "version_id": None,
                "against_version_id": None,
                "options": {"first": "1405-07-01", "last": "1405-07-30", "assume_absent": False},
                "run_id": 40,
                "result": {
                    "purchases": 1200,
                    "different": 300,
                    "liability": {"then": 5000, "otherwise": 6000, "difference": 1000},
                },
                "refusal": None,
                "report_file_id": 12,
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "finished_at": "2026-03-21T06:31:00Z",
            }
        }
    )

    id: int
    work: TrialWork
    state: TrialState
    version_id: int | None = Field(description="Null is the draft as it stood when the work began.")
    against_version_id: int | None
    options: dict[str, JsonValue]
    run_id: int = Field(description="The job's run, which tells progress and can be cancelled.")
    result: dict[str, JsonValue] | None
    refusal: Refusal | None
    report_file_id: int | None = Field(
        description="CSV of a replay: every figure of each rule, member group, branch and day."
    )
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
