"""What the application takes from sellers."""

from host_api.core.member_rows import IN_THE_LEDGER, moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.sellers import models
from host_api.services.sellers.events import SELLER_DECIDED
from host_api.services.sellers.logic import notices
from host_api.services.sellers.models import Seller, SellerMovement
from host_api.services.sellers.personal_data import PERSONAL_DATA
from host_api.services.sellers.routes import router

SERVICE = Service(
    name="sellers",
    title="Sellers",
    title_fa="فروشندگان",
    tags={"sellers": "Members and merchants who sell to members, and their accounts · فروشندگان"},
    routers=(router,),
    tables=(models,),
    event_types=(SELLER_DECIDED,),
    status_parts=(StatusPart.LEDGER,),
    notices=notices,
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(Seller.member_id), stays(SellerMovement.member_id, IN_THE_LEDGER)),
)
