"""Texts that people give with what they decide."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from host_api.core.path_ids import LARGEST_ID

Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
Decider = Annotated[str | None, Field(description="Who approved, rejected or took it back.")]
MemberId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class NetworkDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "تأیید شد"}})

    note: Text | None = Field(default=None, description="Kept with the decision.")


class BranchSuspension(BaseModel):
    """Why a branch is suspended."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "بررسی تخلف"}})

    reason: Text
