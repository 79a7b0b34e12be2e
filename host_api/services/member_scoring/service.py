"""What the application takes from the scoring of members."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import stays
from host_api.core.service import Service, StatusPart
from host_api.services.member_scoring import models, publishing
from host_api.services.member_scoring.events import SCORING_PUBLISHED
from host_api.services.member_scoring.job import JOB
from host_api.services.member_scoring.models import ScoredMember
from host_api.services.member_scoring.personal_data import PERSONAL_DATA
from host_api.services.member_scoring.routes import router

SERVICE = Service(
    name="member_scoring",
    title="Scoring of members",
    title_fa="امتیازدهی هوشمند اعضا",
    tags={
        "member scoring": "Scoring models, their trial, runs and publication · امتیازدهی هوشمند اعضا",
    },
    routers=(router,),
    tables=(models,),
    jobs=(JOB,),
    event_types=(SCORING_PUBLISHED,),
    outcomes={publishing.SERVICE: one_by_one(publishing.on_outcome)},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(ScoredMember.member_id, "what a run found is history; the next scores the surviving record"),
    ),
)
