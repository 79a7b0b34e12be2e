"""What the application takes from the learning service."""

from host_api.core.member_rows import IN_THE_LEDGER, moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.learning import models
from host_api.services.learning.courses.routes import router as courses_router
from host_api.services.learning.events import EVENT_TYPES
from host_api.services.learning.jobs import GIVE_BACK_CANCELLED
from host_api.services.learning.library.routes import router as library_router
from host_api.services.learning.models import LearningPurchase
from host_api.services.learning.personal_data import PERSONAL_DATA
from host_api.services.learning.purchases import logic
from host_api.services.learning.purchases.routes import member_router
from host_api.services.learning.purchases.routes import router as purchases_router

SERVICE = Service(
    name="learning",
    title="Library and courses",
    title_fa="کتابخانه و دوره‌ها",
    tags={
        "library": "Reports of analysts, and books · تحلیل‌ها و کتابخانه",
        "courses": "Courses and their lessons · دوره‌های آموزشی",
        "learning": "What members get, give back and go through · ثبت‌نام‌ها و مطالعه",
    },
    routers=(library_router, courses_router, purchases_router, member_router),
    tables=(models,),
    jobs=(GIVE_BACK_CANCELLED,),
    event_types=EVENT_TYPES,
    outcomes={logic.SERVICE: logic.on_outcomes},
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(LearningPurchase.member_id), stays(LearningPurchase.paid_by, IN_THE_LEDGER)),
)
