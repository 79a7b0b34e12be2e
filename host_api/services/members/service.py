"""What the application takes from the members service."""

from host_api.core.member_rows import moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.members import models
from host_api.services.members.activity import models as activity_models
from host_api.services.members.activity.job import ASSESS_ACTIVITY
from host_api.services.members.bulk import MEMBERS_IMPORT
from host_api.services.members.bulk_routes import router as bulk_router
from host_api.services.members.counter_enrolments import CounterEnrolments
from host_api.services.members.events import MEMBER_JOINED, MEMBER_SPECIAL_DAY, MEMBER_STATUS_CHANGED
from host_api.services.members.identities import models as identity_models
from host_api.services.members.identities.models import MemberIdentity
from host_api.services.members.interests import models as interest_models
from host_api.services.members.interests.models import MemberInterest
from host_api.services.members.interests.routes import router as interests_router
from host_api.services.members.models import Member
from host_api.services.members.particulars_routes import router as particulars_router
from host_api.services.members.personal_data import PERSONAL_DATA
from host_api.services.members.routes import router
from host_api.services.members.special_days import models as special_day_models
from host_api.services.members.special_days.job import TELL_SPECIAL_DAYS
from host_api.services.members.special_days.models import SpecialDay, SpecialDayTold

SERVICE = Service(
    name="members",
    title="Members",
    title_fa="اعضا",
    tags={
        "members": "Members, what they are known by, and their balances · اعضا، شناسه‌ها و مانده‌ها",
    },
    routers=(bulk_router, router, particulars_router, interests_router),
    tables=(models, identity_models, special_day_models, interest_models, activity_models),
    jobs=(TELL_SPECIAL_DAYS, ASSESS_ACTIVITY),
    imports=(MEMBERS_IMPORT,),
    event_types=(MEMBER_JOINED, MEMBER_STATUS_CHANGED, MEMBER_SPECIAL_DAY),
    projectors=(CounterEnrolments,),
    status_parts=(StatusPart.OUTBOX,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(
            MemberIdentity.member_id,
            "the surviving record's stand; who merges sees what differs",
        ),
        moves(MemberInterest.member_id),
        stays(Member.introducer, "the referral network hangs its branches on the surviving record"),
        stays(Member.merged_into, "is the merge"),
        moves(SpecialDay.member_id),
        stays(SpecialDayTold.member_id, "what the record was congratulated on is history"),
    ),
)
