"""What the application takes from the points service."""

from host_api.core.service import Service, StatusPart
from host_api.services.points import logic, models
from host_api.services.points.personal_data import PERSONAL_DATA
from host_api.services.points.routes import router

SERVICE = Service(
    name="points",
    title="Points administration",
    title_fa="مدیریت امتیازها",
    tags={
        "points": "Points administration, by two persons · مدیریت امتیازها",
    },
    routers=(router,),
    tables=(models,),
    outcomes={logic.SERVICE: logic.on_outcome},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
)
