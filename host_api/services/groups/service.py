"""What the application takes from the groups service."""

from host_api.core.member_rows import stays
from host_api.core.service import Service
from host_api.services.groups import models
from host_api.services.groups.bulk import GROUP_MEMBERS_IMPORT
from host_api.services.groups.computation_job import computation_job
from host_api.services.groups.events import GROUP_COMPUTED, GROUP_DELETED
from host_api.services.groups.models import GroupMember
from host_api.services.groups.routes import router

SERVICE = Service(
    name="groups",
    title="Groups",
    title_fa="گروه‌ها",
    tags={
        "groups": "Groups of members, static and by query · گروه‌های اعضا",
    },
    routers=(router,),
    tables=(models,),
    jobs=(computation_job(),),
    imports=(GROUP_MEMBERS_IMPORT,),
    event_types=(
        GROUP_COMPUTED,
        GROUP_DELETED,
    ),
    member_rows=(stays(GroupMember.member_id, "the surviving record's groups stand; others are computed"),),
)
