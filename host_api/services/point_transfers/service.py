"""What the application takes from points between members."""

from host_api.core.service import Service, StatusPart
from host_api.services.point_transfers import logic, models
from host_api.services.point_transfers.events import POINTS_GIVEN, POINTS_TAKEN_BACK
from host_api.services.point_transfers.personal_data import PERSONAL_DATA
from host_api.services.point_transfers.routes import router

SERVICE = Service(
    name="point_transfers",
    title="Points between members",
    title_fa="انتقال امتیاز میان اعضا",
    tags={"point transfers": "Points that members give each other · انتقال امتیاز میان اعضا"},
    routers=(router,),
    tables=(models,),
    event_types=(POINTS_GIVEN, POINTS_TAKEN_BACK),
    outcomes={logic.SERVICE: logic.on_outcome},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
)
