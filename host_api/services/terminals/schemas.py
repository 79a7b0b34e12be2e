"""What the terminals service takes and gives."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.outbox import SwitchState
from host_api.core.path_ids import LARGEST_ID

TERMINAL_ID_PATTERN = r"^[A-Z0-9]{8}$"


class TerminalStatus(StrEnum):
    """Whether the terminal is served."""

    ACTIVE = "active"
    BLOCKED = "blocked"


class TerminalCreate(BaseModel):
    """A new terminal."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"terminal_id": "TERM0001", "branch_id": 5, "key_generation": 1}},
    )

    terminal_id: str = Field(
        pattern=TERMINAL_ID_PATTERN, description="Field 41: eight capital letters or digits."
    )
    branch_id: int = Field(ge=1, le=LARGEST_ID, description="The branch where it stands.")
    key_generation: int = Field(
        default=1, ge=1, le=9999, description="Which of the terminal's MAC keys is in force."
    )


class TerminalRead(BaseModel):
    """A terminal that stands in a branch."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "terminal_id": "TERM0001",
                "branch_id": 5,
                "key_generation": 1,
                "status": "active",
                "created_at": "2026-03-21T06:30:00Z",
                "switch_state": "active",
                "switch_response_code": "00",
            }
        }
    )

    id: int
    terminal_id: str
    branch_id: int
    key_generation: int
    status: TerminalStatus
    created_at: datetime
    switch_state: SwitchState = Field(description="Whether the switch knows this record.")
    switch_response_code: str | None = Field(description="Field 39 of the switch's answer.")
