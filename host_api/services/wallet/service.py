"""What the application takes from the wallet service."""

from host_api.core.service import Service, StatusPart
from host_api.services.wallet import logic, models
from host_api.services.wallet.personal_data import PERSONAL_DATA
from host_api.services.wallet.routes import router

SERVICE = Service(
    name="wallet",
    title="Wallet",
    title_fa="کیف پول",
    tags={
        "wallet": "Money of members: loads, transfers from the bank, spending · کیف پول",
    },
    routers=(router,),
    tables=(models,),
    outcomes={logic.SERVICE: logic.on_outcome},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED),
    personal_data=(PERSONAL_DATA,),
)
