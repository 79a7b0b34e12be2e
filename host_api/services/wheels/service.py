"""What the application takes from the wheels service."""

from host_api.core.member_rows import IN_THE_LEDGER, moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.wheels import models
from host_api.services.wheels.events import WHEEL_SPUN
from host_api.services.wheels.models import Spin, SpinGrant, WheelMember
from host_api.services.wheels.personal_data import PERSONAL_DATA
from host_api.services.wheels.routes import router
from host_api.services.wheels.spinning import SERVICE as NAME
from host_api.services.wheels.spinning import on_outcomes

SERVICE = Service(
    name="wheels",
    title="Wheels of fortune",
    title_fa="گردونه‌های شانس",
    tags={
        "wheels": "Wheels of fortune: published odds, spins, prizes · گردونه‌های شانس",
    },
    routers=(router,),
    tables=(models,),
    event_types=(WHEEL_SPUN,),
    outcomes={NAME: on_outcomes},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(Spin.member_id, IN_THE_LEDGER),
        moves(SpinGrant.member_id),
        moves(WheelMember.member_id, sums=("earned",)),
    ),
)
