"""What the application takes from the campaigns service."""

from host_api.core.member_rows import moves
from host_api.core.service import Service, StatusPart
from host_api.services.campaigns import job, models, results, steps
from host_api.services.campaigns.events import CAMPAIGN_CHANGED, CAMPAIGN_SUSPENDED
from host_api.services.campaigns.models import CampaignAct, CampaignEntry
from host_api.services.campaigns.personal_data import PERSONAL_DATA
from host_api.services.campaigns.routes import router

SERVICE = Service(
    name="campaigns",
    title="Campaigns",
    title_fa="کمپین‌ها",
    tags={
        "campaigns": "Journeys for an audience, measured against who got nothing · کمپین‌ها",
    },
    routers=(router,),
    tables=(models,),
    jobs=(job.RUN, results.MEASURE),
    event_types=(CAMPAIGN_CHANGED, CAMPAIGN_SUSPENDED),
    outcomes={steps.SERVICE: steps.on_outcomes},
    status_parts=(StatusPart.JOBS, StatusPart.LEDGER, StatusPart.FEED),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        moves(CampaignAct.member_id),
        moves(CampaignEntry.member_id),
    ),
)
