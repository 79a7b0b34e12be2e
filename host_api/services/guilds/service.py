"""What the application takes from the guilds service."""

from host_api.core.service import Service
from host_api.services.guilds import models
from host_api.services.guilds.routes import router

SERVICE = Service(
    name="guilds",
    title="Guilds",
    title_fa="صنف‌ها",
    tags={
        "guilds": "Guilds, the trades of shops · صنف‌ها",
    },
    routers=(router,),
    tables=(models,),
)
