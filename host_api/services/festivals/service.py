"""What the application takes from the festivals service."""

from host_api.core.member_rows import stays
from host_api.core.service import Service, StatusPart
from host_api.services.festivals import models
from host_api.services.festivals.events import FESTIVAL_AWARDED, FESTIVAL_JOINED, FESTIVAL_SETTLED
from host_api.services.festivals.jobs import JOB
from host_api.services.festivals.member_routes import member_router
from host_api.services.festivals.models import FestivalMember, FestivalWin
from host_api.services.festivals.personal_data import PERSONAL_DATA
from host_api.services.festivals.routes import router

SERVICE = Service(
    name="festivals",
    title="Festivals",
    title_fa="جشنواره‌ها",
    tags={
        "festivals": "Festivals with scores, places and awards · جشنواره با رتبه‌بندی و جایزه",
    },
    routers=(router, member_router),
    tables=(models,),
    jobs=(JOB,),
    event_types=(FESTIVAL_AWARDED, FESTIVAL_JOINED, FESTIVAL_SETTLED),
    status_parts=(StatusPart.JOBS, StatusPart.FEED),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(
            FestivalMember.member_id,
            "scores that record's purchases; the surviving record wins",
        ),
        stays(
            FestivalWin.member_id,
            "a settled award doesn't change; the surviving record wins",
        ),
    ),
)
