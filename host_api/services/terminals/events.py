"""What the terminals service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN


class TerminalRegistered(BaseModel):
    """A terminal was registered at a branch."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 8, "terminal_id": "TERM0001", "branch_id": 5}}
    )

    id: int
    terminal_id: str = Field(pattern=TERMINAL_ID_PATTERN, description="Field 41.")
    branch_id: int


TERMINAL_REGISTERED = EventType(
    "terminal.registered", TerminalRegistered, "A terminal was registered", "پایانه‌ای ثبت شد"
)
