"""What the application takes from the wallet service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.wallet import logic, models
from host_api.services.wallet.models import WalletAct
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
    outcomes={logic.SERVICE: one_by_one(logic.on_outcome)},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED),
    personal_data=(PERSONAL_DATA,),
    member_rows=(stays(WalletAct.member_id, IN_THE_LEDGER),),
)
