"""What the application takes from the joining service."""

from host_api.core.member_rows import stays
from host_api.core.service import Service
from host_api.services.joining import models
from host_api.services.joining.events import (
    APPLICATION_ACCEPTED,
    APPLICATION_RECEIVED,
    APPLICATION_REFUSED,
)
from host_api.services.joining.gateway_routes import router as gateway_router
from host_api.services.joining.models import Application, ReceivedSms
from host_api.services.joining.personal_data import PERSONAL_DATA
from host_api.services.joining.policy_routes import router as policy_router
from host_api.services.joining.routes import router
from host_api.services.joining.upkeep import JOINING_UPKEEP

SERVICE = Service(
    name="joining",
    title="Joining",
    title_fa="پیوستن",
    tags={
        "joining": "Policies, applications and failed attempts · راه‌های عضویت و درخواست‌ها",
    },
    routers=(policy_router, gateway_router, router),
    tables=(models,),
    jobs=(JOINING_UPKEEP,),
    personal_data=(PERSONAL_DATA,),
    event_types=(APPLICATION_RECEIVED, APPLICATION_ACCEPTED, APPLICATION_REFUSED),
    member_rows=(
        stays(Application.member_id, "how the record came about is history"),
        stays(ReceivedSms.member_id, "whose message it was is history"),
    ),
)
