"""What the application takes from the dashboards service."""

from host_api.core.member_rows import stays
from host_api.core.service import Service
from host_api.services.dashboards import models
from host_api.services.dashboards.models import MemberActivity
from host_api.services.dashboards.projection import RollupProjector
from host_api.services.dashboards.routes import router

SERVICE = Service(
    name="dashboards",
    title="Dashboard",
    title_fa="پیشخوان",
    tags={
        "dashboard": "The club at a glance · پیشخوان",
    },
    routers=(router,),
    tables=(models,),
    projectors=(RollupProjector,),
    member_rows=(stays(MemberActivity.member_number, "is read from the journal"),),
)
