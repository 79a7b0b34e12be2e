"""What the application takes from the events service."""

from host_api.core.service import Service, StatusPart
from host_api.services.events.routes import router

SERVICE = Service(
    name="events",
    title="Events",
    title_fa="رویدادها",
    tags={
        "events": "What happened, in order, and its types · رویدادها",
    },
    routers=(router,),
    status_parts=(StatusPart.EVENTS,),
)
