"""What the application takes from agreements."""

from host_api.core.member_rows import moves
from host_api.core.service import Service, StatusPart
from host_api.services.agreements import gates, models
from host_api.services.agreements.acceptance_routes import router as acceptance_router
from host_api.services.agreements.events import AGREEMENT_ACCEPTED, AGREEMENT_PUBLISHED
from host_api.services.agreements.job import CHECK_ACCEPTANCES
from host_api.services.agreements.models import AgreementAcceptance
from host_api.services.agreements.personal_data import PERSONAL_DATA
from host_api.services.agreements.routes import router

SERVICE = Service(
    name="agreements",
    title="Agreements",
    title_fa="توافق‌نامه‌ها",
    tags={"agreements": "Texts, acceptances, gates and contracts · توافق‌نامه‌ها"},
    routers=(acceptance_router, router),
    tables=(models,),
    jobs=(CHECK_ACCEPTANCES,),
    event_types=(AGREEMENT_PUBLISHED, AGREEMENT_ACCEPTED),
    status_parts=(StatusPart.JOBS,),
    notices=gates.notices,
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(AgreementAcceptance.member_id),),
)
