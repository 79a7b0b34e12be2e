"""What the application takes from the sub-clubs service."""

from host_api.core.service import Service
from host_api.services.sub_clubs import models
from host_api.services.sub_clubs.routes import router

SERVICE = Service(
    name="sub_clubs",
    title="Sub-clubs",
    title_fa="زیرباشگاه‌ها",
    tags={
        "sub-clubs": "Clubs within the club · زیرباشگاه‌ها",
    },
    routers=(router,),
    tables=(models,),
)
