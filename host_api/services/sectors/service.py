"""What the application takes from the sectors service."""

from host_api.core.service import Service
from host_api.services.sectors.routes import router

SERVICE = Service(
    name="sectors",
    title="Sectors",
    title_fa="صنعت‌ها",
    tags={
        "sectors": "Sectors of industry · صنعت‌ها",
    },
    routers=(router,),
)
