"""When a department has promised to answer, and to be done."""

from datetime import datetime
from typing import NamedTuple

from host_api.core.database import AnySession
from host_api.services.credit_packages import packages
from host_api.services.tickets.models import TicketDepartment
from host_api.services.tickets.working_hours import Hours, due_at


class Promise(NamedTuple):
    """None where the department never works."""

    answer: datetime | None
    end: datetime | None


async def promise(session: AnySession, department: TicketDepartment, start: datetime) -> Promise:
    """What a department promises of a ticket that it gets at `start`; the club's holidays don't count."""
    hours = [Hours(**part) for part in department.hours]
    holidays = await packages.holidays(session) if hours else frozenset()
    return Promise(
        due_at(start, department.first_answer_minutes, hours, holidays),
        due_at(start, department.resolution_minutes, hours, holidays),
    )
