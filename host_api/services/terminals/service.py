"""What the application takes from the terminals service."""

from host_api.core.service import Service, StatusPart
from host_api.services.terminals import models
from host_api.services.terminals.events import TERMINAL_CHANGED, TERMINAL_REGISTERED
from host_api.services.terminals.export import router as export_router
from host_api.services.terminals.health_routes import router as health_router
from host_api.services.terminals.parameter_routes import router as parameter_router
from host_api.services.terminals.routes import router

SERVICE = Service(
    name="terminals",
    title="Terminals",
    title_fa="پایانه‌ها",
    tags={
        "terminals": "Terminals · پایانه‌ها",
    },
    routers=(
        export_router,
        health_router,
        parameter_router,
        router,
    ),
    tables=(models,),
    event_types=(
        TERMINAL_CHANGED,
        TERMINAL_REGISTERED,
    ),
    status_parts=(StatusPart.OUTBOX,),
)
