"""What the terminals service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN, TerminalStatus


class TerminalRegistered(BaseModel):
    """A terminal was registered at a branch."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 8, "terminal_id": "TERM0001", "branch_id": 5}}
    )

    id: int
    terminal_id: str = Field(pattern=TERMINAL_ID_PATTERN, description="Field 41.")
    branch_id: int


class TerminalChanged(BaseModel):
    """A terminal was moved, blocked, activated or retired, or got another key generation."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 8,
                "terminal_id": "TERM0001",
                "branch_id": 5,
                "status": "active",
                "key_generation": 2,
                "is_served": True,
            }
        }
    )

    id: int
    terminal_id: str = Field(pattern=TERMINAL_ID_PATTERN, description="Field 41.")
    branch_id: int
    status: TerminalStatus
    key_generation: int
    is_served: bool = Field(description="False also where branch or merchant keep it from being served.")


TERMINAL_REGISTERED = EventType(
    "terminal.registered", TerminalRegistered, "A terminal was registered", "پایانه‌ای ثبت شد"
)
TERMINAL_CHANGED = EventType(
    "terminal.changed",
    TerminalChanged,
    "A terminal was moved, blocked, activated or retired, or got a new key",
    "پایانه‌ای جابه‌جا، مسدود، فعال یا کنار گذاشته شد، یا کلید تازه گرفت",
)
