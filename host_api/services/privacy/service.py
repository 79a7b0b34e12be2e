"""What the application takes from the privacy service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import stays
from host_api.core.service import Service
from host_api.services.privacy import giving_up, models
from host_api.services.privacy.events import MEMBER_ERASED
from host_api.services.privacy.frame_data import FRAME_DATA
from host_api.services.privacy.models import PrivacyRequest
from host_api.services.privacy.routes import router

SERVICE = Service(
    name="privacy",
    title="Privacy",
    title_fa="حریم خصوصی",
    tags={
        "privacy": "What is held of a member: exported, erased · حریم خصوصی",
    },
    routers=(router,),
    tables=(models,),
    event_types=(MEMBER_ERASED,),
    outcomes={giving_up.SERVICE: one_by_one(giving_up.on_outcome)},
    personal_data=FRAME_DATA,
    member_rows=(stays(PrivacyRequest.member_id, "what was asked for that record is history"),),
)
