"""What the application takes from the guests service."""

from host_api.core.member_rows import moves
from host_api.core.service import Service
from host_api.services.guests import models
from host_api.services.guests.events import GUEST_CONVERTED, GUEST_MERGED
from host_api.services.guests.models import Guest
from host_api.services.guests.personal_data import PERSONAL_DATA
from host_api.services.guests.routes import router

SERVICE = Service(
    name="guests",
    title="Guests",
    title_fa="مهمان‌ها",
    tags={
        "guests": "People and organisations outside the club · مهمان‌ها",
    },
    routers=(router,),
    tables=(models,),
    event_types=(GUEST_CONVERTED, GUEST_MERGED),
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(Guest.member_id),),
)
