"""What the application takes from the webhooks service."""

from host_api.core.service import Service, StatusPart
from host_api.services.webhooks import models
from host_api.services.webhooks.events import WEBHOOK_SWITCHED_OFF, WEBHOOK_TESTED
from host_api.services.webhooks.routes import router

SERVICE = Service(
    name="webhooks",
    title="Webhooks",
    title_fa="وب‌هوک‌ها",
    tags={
        "webhooks": "Events posted to integrators, signed · وب‌هوک‌ها",
    },
    routers=(router,),
    tables=(models,),
    event_types=(
        WEBHOOK_SWITCHED_OFF,
        WEBHOOK_TESTED,
    ),
    status_parts=(StatusPart.EVENTS,),
)
