"""What the application takes from the service of events that earn."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.earning_events.events import EARNING_EVENT_EARNED, REVIEW_DECIDED
from host_api.services.earning_events.personal_data import PERSONAL_DATA
from host_api.services.earning_events.reviews import models as review_tables
from host_api.services.earning_events.reviews.models import Review, ReviewReport
from host_api.services.earning_events.reviews.routes import router as reviews_router
from host_api.services.earning_events.surveys import models as survey_tables
from host_api.services.earning_events.surveys.models import SurveyAnswer, SurveyParticipant
from host_api.services.earning_events.surveys.routes import router as surveys_router
from host_api.services.earning_events.telling import logic, taking_back
from host_api.services.earning_events.telling import models as event_tables
from host_api.services.earning_events.telling.bulk import EVENTS_IMPORT
from host_api.services.earning_events.telling.models import EarningEvent, EarningTaking
from host_api.services.earning_events.telling.routes import router as events_router
from host_api.services.earning_events.telling.sending_job import SENDING
from host_api.services.earning_events.types import models as type_tables
from host_api.services.earning_events.types.routes import router as types_router
from host_api.services.earning_events.visits import models as visit_tables
from host_api.services.earning_events.visits.models import Visit
from host_api.services.earning_events.visits.routes import router as visits_router

SERVICE = Service(
    name="earning_events",
    title="Events that earn",
    title_fa="رویدادهای امتیازآور",
    tags={
        "earning_events": "Events that earn without a sale · رویدادهای امتیازآور",
        "reviews": "Reviews, praise and analyses · نظرها و تمجیدها",
        "surveys": "Surveys · نظرسنجی‌ها",
        "visits": "Visits and check-in · بازدیدها",
    },
    routers=(events_router, types_router, reviews_router, surveys_router, visits_router),
    tables=(type_tables, event_tables, review_tables, survey_tables, visit_tables),
    jobs=(SENDING,),
    imports=(EVENTS_IMPORT,),
    event_types=(EARNING_EVENT_EARNED, REVIEW_DECIDED),
    outcomes={
        logic.SERVICE: one_by_one(logic.on_outcome),
        taking_back.TAKINGS: one_by_one(taking_back.on_outcome),
    },
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        moves(Review.member_id),
        moves(ReviewReport.member_id),
        stays(SurveyAnswer.member_id, "each answered once; what was counted stays"),
        stays(SurveyParticipant.member_id, "each answered once; what was counted stays"),
        stays(EarningEvent.member_id, IN_THE_LEDGER),
        stays(EarningTaking.member_id, IN_THE_LEDGER),
        moves(Visit.member_id),
    ),
)
