"""What the application takes from tickets."""

from host_api.core.member_rows import moves
from host_api.core.service import Service, StatusPart
from host_api.services.tickets import models
from host_api.services.tickets.events import (
    TICKET_ANSWERED,
    TICKET_LATE,
    TICKET_OPENED,
    TICKET_RESOLVED,
)
from host_api.services.tickets.job import LATE_TICKETS
from host_api.services.tickets.member_routes import router as member_router
from host_api.services.tickets.models import Ticket, TicketLink
from host_api.services.tickets.personal_data import PERSONAL_DATA
from host_api.services.tickets.routes import router
from host_api.services.tickets.setting_up_routes import router as setting_up_router

SERVICE = Service(
    name="tickets",
    title="Tickets",
    title_fa="تیکت‌ها",
    tags={"tickets": "Members' tickets, departments, timeline · تیکت‌های اعضا"},
    routers=(setting_up_router, member_router, router),
    tables=(models,),
    jobs=(LATE_TICKETS,),
    event_types=(TICKET_OPENED, TICKET_ANSWERED, TICKET_RESOLVED, TICKET_LATE),
    status_parts=(StatusPart.JOBS,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(Ticket.member_id), moves(TicketLink.member_id)),
)
