"""What versions take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

Note = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class VersionState(StrEnum):
    """Where a version stands: PREPARING is being compiled, FAULTY can't be, READY can be published."""

    PREPARING = "preparing"
    READY = "ready"
    FAULTY = "faulty"


class RuleVersionCreate(BaseModel):
    """Freeze the draft."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "جشنوارهٔ بهار"}})

    note: Note = Field(description="What is new, for whoever approves.")


class RuleVersionRead(BaseModel):
    """A frozen version."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "state": "ready",
                "note": "جشنوارهٔ بهار",
                "rules": 12,
                "digest": "0903125a20ee99cc49d0a0a61f615adfd10a4a50fbd65eea8a6ee68521742d95",
                "errors": 0,
                "report": {"faults": [], "lints": [], "warnings": 0, "hints": 0, "cost_rial": 335500000},
                "frozen_by": "نگار",
                "frozen_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    state: VersionState
    note: str
    rules: int = Field(description="All rules, also those whose status keeps them out of the table.")
    digest: str | None = Field(
        description="SHA-256 of the table, by which the switch and the journal know it."
    )
    errors: int | None = Field(description="Lints that are errors.")
    report: dict[str, JsonValue] | None = Field(
        description="Faults, lints in both languages, size, and the estimated cost of 1,000 sales."
    )
    frozen_by: str
    frozen_at: datetime


class FieldChange(BaseModel):
    """One part of a rule that is not the same; null where it is not there."""

    path: str
    before: JsonValue
    after: JsonValue


class RuleChange(BaseModel):
    """A rule that both documents have."""

    rule_id: str
    fields: list[FieldChange]


class DocumentDifference(BaseModel):
    """What one document has that the other has not."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "added": ["EARN-07-GOLD"],
                "removed": [],
                "changed": [
                    {
                        "rule_id": "EARN-01",
                        "fields": [{"path": "effects.0.calc.give", "before": 100, "after": 200}],
                    }
                ],
                "shared": [{"path": "return_days", "before": 30, "after": 45}],
                "unchanged": 3,
            }
        }
    )

    added: list[str]
    removed: list[str]
    changed: list[RuleChange]
    shared: list[FieldChange] = Field(description="Of the part that all rules share.")
    unchanged: int
