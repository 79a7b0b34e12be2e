"""What the application takes from the purses service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.purses import logic, models
from host_api.services.purses.models import PurseConversion
from host_api.services.purses.personal_data import PERSONAL_DATA
from host_api.services.purses.routes import router

SERVICE = Service(
    name="purses",
    title="Purses",
    title_fa="کیف‌های اعضا",
    tags={
        "purses": "Coins, stars, credit: what members hold by name · کیف‌های اعضا",
    },
    routers=(router,),
    tables=(models,),
    outcomes={logic.SERVICE: one_by_one(logic.on_outcome)},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED),
    personal_data=(PERSONAL_DATA,),
    member_rows=(stays(PurseConversion.member_id, IN_THE_LEDGER),),
)
