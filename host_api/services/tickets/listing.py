"""How tickets and what belongs to them are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.listing import AtLeast, Below, Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.tickets.models import CannedAnswer, Ticket, TicketDepartment, TicketType
from host_api.services.tickets.schemas import TicketState


class TicketSort(StrEnum):
    """Orders of tickets and of what belongs to them."""

    LATEST = "-id"
    ID = "id"


class TicketDepartmentQuery(ListQuery):
    """Which departments."""

    sorts: ClassVar[dict[str, Column]] = {"id": TicketDepartment.id}

    sort: TicketSort = TicketSort.ID
    is_open: Annotated[bool | None, Equals(TicketDepartment.is_open)] = None


class TicketTypeQuery(ListQuery):
    """Which types."""

    sorts: ClassVar[dict[str, Column]] = {"id": TicketType.id}

    sort: TicketSort = TicketSort.ID
    is_open: Annotated[bool | None, Equals(TicketType.is_open)] = None


class CannedAnswerQuery(ListQuery):
    """Which canned answers."""

    sorts: ClassVar[dict[str, Column]] = {"id": CannedAnswer.id}

    sort: TicketSort = TicketSort.ID


class MemberTicketQuery(ListQuery):
    """Which of a member's tickets."""

    sorts: ClassVar[dict[str, Column]] = {"id": Ticket.id}

    sort: TicketSort = TicketSort.LATEST
    state: Annotated[TicketState | None, Equals(Ticket.state)] = None


class TicketQuery(MemberTicketQuery):
    """Which of the tickets that the caller may see; a queue is a department with a state."""

    department_id: Annotated[int | None, Equals(Ticket.department_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    assignee: Annotated[str | None, Equals(Ticket.assignee)] = Field(default=None, max_length=72)
    type_id: Annotated[int | None, Equals(Ticket.type_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    member_id: Annotated[int | None, Equals(Ticket.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    opened_from: Annotated[AwareDatetime | None, AtLeast(Ticket.opened_at)] = None
    opened_before: Annotated[AwareDatetime | None, Below(Ticket.opened_at)] = None
    due_before: Annotated[AwareDatetime | None, Below(Ticket.resolution_due_at)] = None
    q: str | None = Field(
        default=None,
        min_length=2,
        max_length=60,
        description="A tracking code, or words of the subject in any spelling.",
    )
