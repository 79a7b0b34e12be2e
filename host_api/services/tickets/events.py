"""What tickets tell of."""

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType
from host_api.services.tickets.schemas import TicketState


class TicketEvent(BaseModel):
    """A ticket, and where it stands."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"ticket_id": 4, "member_id": 12, "department_id": 1, "state": "open"}}
    )

    ticket_id: int
    member_id: int
    department_id: int
    state: TicketState


TICKET_OPENED = EventType("ticket.opened", TicketEvent, "A ticket was opened", "تیکتی باز شد")
TICKET_ANSWERED = EventType("ticket.answered", TicketEvent, "A ticket was answered", "به تیکتی پاسخ داده شد")
TICKET_RESOLVED = EventType("ticket.resolved", TicketEvent, "A ticket was resolved", "تیکتی حل شد")
TICKET_LATE = EventType("ticket.late", TicketEvent, "A ticket is late", "مهلت تیکتی گذشت")
