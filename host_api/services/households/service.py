"""What the application takes from the households service."""

from host_api.core.member_rows import stays
from host_api.core.service import Service
from host_api.services.households import models
from host_api.services.households.events import HOUSEHOLD_JOINED, HOUSEHOLD_LEFT
from host_api.services.households.models import HouseholdMember
from host_api.services.households.personal_data import PERSONAL_DATA
from host_api.services.households.routes import router

SERVICE = Service(
    name="households",
    title="Households",
    title_fa="خانوارها",
    tags={
        "households": "Households and who is in them · خانوارها",
    },
    routers=(router,),
    tables=(models,),
    event_types=(HOUSEHOLD_JOINED, HOUSEHOLD_LEFT),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(HouseholdMember.member_id, "the household gives the place to the surviving record by itself"),
    ),
)
