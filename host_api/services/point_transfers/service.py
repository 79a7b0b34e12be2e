"""What the application takes from points between members."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.point_transfers import logic, models
from host_api.services.point_transfers.events import POINTS_GIVEN, POINTS_TAKEN_BACK
from host_api.services.point_transfers.models import PointTransfer
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
    outcomes={logic.SERVICE: one_by_one(logic.on_outcome)},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(PointTransfer.member_id, IN_THE_LEDGER),
        stays(PointTransfer.to_member_id, IN_THE_LEDGER),
    ),
)
