"""What the application takes from the referral network."""

from host_api.core.service import Service, StatusPart
from host_api.services.referral_network import models, payouts
from host_api.services.referral_network.bulk import NETWORK_IMPORT
from host_api.services.referral_network.events import MEMBER_INTRODUCED
from host_api.services.referral_network.jobs import KEEP_NETWORK
from host_api.services.referral_network.personal_data import PERSONAL_DATA
from host_api.services.referral_network.projection import NetworkProjector
from host_api.services.referral_network.routes import router

SERVICE = Service(
    name="referral_network",
    title="Referral network",
    title_fa="شبکهٔ معرفی",
    tags={
        "referral network": "Introducers, branches and their incomes · شبکهٔ معرفی",
    },
    routers=(router,),
    tables=(models,),
    jobs=(KEEP_NETWORK,),
    imports=(NETWORK_IMPORT,),
    event_types=(MEMBER_INTRODUCED,),
    projectors=(NetworkProjector,),
    outcomes={payouts.SERVICE: payouts.on_outcome},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
)
