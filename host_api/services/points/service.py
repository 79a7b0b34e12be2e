"""What the application takes from the points service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.points import logic, models
from host_api.services.points.models import PointsAct
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
    outcomes={logic.SERVICE: one_by_one(logic.on_outcome)},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(PointsAct.member_id, IN_THE_LEDGER),
        stays(PointsAct.to_member_id, IN_THE_LEDGER),
    ),
)
