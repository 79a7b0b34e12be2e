"""What the application takes from the tiers service."""

from host_api.core.service import Service
from host_api.services.tiers import models
from host_api.services.tiers.evaluation_job import evaluation_job
from host_api.services.tiers.events import MEMBER_TIER_CHANGED
from host_api.services.tiers.routes import router

SERVICE = Service(
    name="tiers",
    title="Tiers",
    title_fa="سطح‌ها",
    tags={
        "tiers": "Tiers, evaluation and tiers by hand · سطح‌های عضویت",
    },
    routers=(router,),
    tables=(models,),
    jobs=(evaluation_job(),),
    event_types=(MEMBER_TIER_CHANGED,),
)
