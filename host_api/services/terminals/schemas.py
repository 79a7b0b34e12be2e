"""What the terminals service takes and gives of terminals."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.outbox import SwitchState
from host_api.core.path_ids import LARGEST_ID

TERMINAL_ID_PATTERN = r"^[A-Z0-9]{8}$"
TerminalIdInPath = Annotated[str, Path(pattern=TERMINAL_ID_PATTERN)]

_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]+$"
Label = Annotated[str, Field(min_length=1, max_length=40, pattern=_PRINTABLE)]
SimNumber = Annotated[str, Field(pattern=r"^[0-9]{18,20}$", description="ICCID of the SIM (ITU-T E.118).")]
FirmwareChannel = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$",
        description="Group of `groups.toml` from whose folder the switch gives files; left out, `all`.",
    ),
]


class TerminalStatus(StrEnum):
    """Whether the terminal is to be served. A retired one never is again."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    RETIRED = "retired"


class RefusedFor(StrEnum):
    """Whose standing keeps the switch from serving a terminal."""

    TERMINAL = "terminal"
    BRANCH = "branch"
    MERCHANT = "merchant"


class Registry(BaseModel):
    """What is known of the device."""

    model: Label | None = None
    serial_number: Label | None = None
    sim_number: SimNumber | None = None
    firmware_channel: FirmwareChannel | None = None


class TerminalCreate(Registry):
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


class TerminalUpdate(Registry):
    """What is to be different; what is left out stays, and null empties what may be empty."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"status": "blocked", "model": "X-990"}}
    )

    branch_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="The branch to which it is moved."
    )
    status: TerminalStatus | None = None


_TERMINAL: JsonDict = {
    "id": 9,
    "terminal_id": "TERM0001",
    "branch_id": 5,
    "key_generation": 1,
    "status": "active",
    "is_served": True,
    "refused_for": None,
    "model": "X-990",
    "serial_number": "SN-0042",
    "sim_number": None,
    "firmware_channel": "pilot",
    "parameter_sequence": 3,
    "created_at": "2026-03-21T06:30:00Z",
    "switch_state": "active",
    "switch_response_code": "00",
}


class TerminalRead(BaseModel):
    """A terminal that stands in a branch."""

    model_config = ConfigDict(json_schema_extra={"example": _TERMINAL})

    id: int
    terminal_id: str
    branch_id: int
    key_generation: int
    status: TerminalStatus
    is_served: bool = Field(description="What its record says to the switch; else it answers 58.")
    refused_for: RefusedFor | None = Field(description="Why it isn't served.")
    model: str | None
    serial_number: str | None
    sim_number: str | None
    firmware_channel: str | None
    parameter_sequence: int = Field(description="Of the last parameter document issued; 0 for none.")
    created_at: datetime
    switch_state: SwitchState = Field(description="Whether the switch knows this record.")
    switch_response_code: str | None = Field(description="Field 39 of the switch's answer.")


class Step(BaseModel):
    """Something that a person does next."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"text": "Make the package.", "text_fa": "بسته را بسازید.", "command": "vafa keys …"}
        }
    )

    text: str
    text_fa: str
    command: str | None


class KeyRotationRead(BaseModel):
    """A new key generation, and what has to be done at the terminal."""

    model_config = ConfigDict(json_schema_extra={"example": {"terminal": _TERMINAL, "steps": []}})

    terminal: TerminalRead
    steps: list[Step]
