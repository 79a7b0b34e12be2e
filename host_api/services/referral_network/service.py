"""What the application takes from the referral network."""

from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.referral_network import models, payouts
from host_api.services.referral_network.bulk import NETWORK_IMPORT
from host_api.services.referral_network.events import MEMBER_INTRODUCED
from host_api.services.referral_network.jobs import KEEP_NETWORK
from host_api.services.referral_network.models import (
    DownlineCount,
    Income,
    IncomeCarry,
    IncomeLine,
    IncomeTotal,
    NetworkChange,
    NetworkMove,
    NetworkPayout,
    NetworkPlace,
    ScoredPurchase,
)
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
    outcomes={payouts.SERVICE: payouts.on_outcomes},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(DownlineCount.member_id, "is counted anew"),
        stays(Income.member_id, "what is due is paid to the surviving record"),
        stays(IncomeCarry.member_id, "what is due is paid to the surviving record"),
        stays(IncomeLine.member_id, "what an income was of is history"),
        stays(IncomeLine.source_member_id, "what an income was of is history"),
        stays(IncomeTotal.member_id, "what the record earned is history"),
        stays(NetworkChange.member_id, "what happened to the place is history"),
        stays(NetworkChange.other_member_id, "what happened to the place is history"),
        stays(NetworkMove.from_introducer, "what was asked for is history"),
        stays(NetworkMove.introducer, "what was asked for is history"),
        stays(NetworkMove.member_id, "what was asked for is history"),
        stays(NetworkPayout.member_id, IN_THE_LEDGER),
        stays(NetworkPlace.introducer, "the network hangs branches on the surviving record by itself"),
        stays(NetworkPlace.member_id, "the network takes the place over by itself"),
        stays(NetworkPlace.merged_into, "is the merge"),
        stays(ScoredPurchase.member_id, "is read from the journal"),
    ),
)
