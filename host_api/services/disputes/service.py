"""What the application takes from the disputes service."""

from host_api.core.member_rows import moves
from host_api.core.service import Service
from host_api.services.disputes import models
from host_api.services.disputes.events import DISPUTE_DECIDED, DISPUTE_OPENED
from host_api.services.disputes.models import Dispute
from host_api.services.disputes.personal_data import PERSONAL_DATA
from host_api.services.disputes.routes import router

SERVICE = Service(
    name="disputes",
    title="Disputes",
    title_fa="اعتراض به تراکنش",
    tags={
        "disputes": "Disputes about transactions · اعتراض به تراکنش",
    },
    routers=(router,),
    tables=(models,),
    event_types=(
        DISPUTE_DECIDED,
        DISPUTE_OPENED,
    ),
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(Dispute.member_id),),
)
