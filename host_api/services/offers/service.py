"""What the application takes from the offers service."""

from host_api.core.member_rows import moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.offers import jobs, member_routes, models, routes
from host_api.services.offers.events import OFFER_ALLOCATED, OFFER_CHANGED, OFFER_CLAIMED, OFFER_USED
from host_api.services.offers.models import OfferedMember, PassageTold
from host_api.services.offers.personal_data import PERSONAL_DATA
from host_api.services.offers.suggestions import models as suggestion_models
from host_api.services.offers.suggestions.job import suggestion_jobs
from host_api.services.offers.suggestions.models import MemberSuggestion

SERVICE = Service(
    name="offers",
    title="Offers",
    title_fa="پیشنهادها",
    tags={
        "offers": "Offers to members, and what suits each · پیشنهادها",
    },
    routers=(member_routes.router, routes.router),
    tables=(models, suggestion_models),
    jobs=(jobs.ALLOCATE, jobs.NOTE, *suggestion_jobs()),
    event_types=(OFFER_CHANGED, OFFER_CLAIMED, OFFER_USED, OFFER_ALLOCATED),
    status_parts=(StatusPart.JOBS, StatusPart.FEED),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        moves(OfferedMember.member_id),
        moves(PassageTold.member_id),
        stays(MemberSuggestion.member_id, "is computed anew"),
    ),
)
