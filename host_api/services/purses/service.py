"""What the application takes from the purses service."""

from host_api.core.service import Service, StatusPart
from host_api.services.purses import logic, models
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
    outcomes={logic.SERVICE: logic.on_outcome},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED),
    personal_data=(PERSONAL_DATA,),
)
