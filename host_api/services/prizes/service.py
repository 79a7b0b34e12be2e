"""What the application takes from the prizes service."""

from host_api.core.member_rows import moves
from host_api.core.service import Service, StatusPart
from host_api.services.prizes import logic, models
from host_api.services.prizes.events import (
    PRIZE_AWARDED,
    PRIZE_EXPIRED,
    PRIZE_FAILED,
    PRIZE_HANDED_OVER,
)
from host_api.services.prizes.jobs import EXPIRE_AWARDS
from host_api.services.prizes.models import PrizeAward
from host_api.services.prizes.personal_data import PERSONAL_DATA
from host_api.services.prizes.routes import router

SERVICE = Service(
    name="prizes",
    title="Prizes",
    title_fa="جایزه‌ها",
    tags={
        "prizes": "Prizes, their stock and who was given them · جایزه‌ها",
    },
    routers=(router,),
    tables=(models,),
    jobs=(EXPIRE_AWARDS,),
    event_types=(PRIZE_AWARDED, PRIZE_FAILED, PRIZE_HANDED_OVER, PRIZE_EXPIRED),
    outcomes={logic.SERVICE: logic.on_outcomes},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(PrizeAward.member_id),),
)
