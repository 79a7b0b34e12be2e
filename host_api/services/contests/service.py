"""What the application takes from the contests service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.contests import models
from host_api.services.contests.entering import SERVICE as NAME
from host_api.services.contests.events import EVENT_TYPES
from host_api.services.contests.models import ContestEntry
from host_api.services.contests.paying import on_outcome
from host_api.services.contests.personal_data import PERSONAL_DATA
from host_api.services.contests.routes import router
from host_api.services.contests.settlement_job import settlement_job

SERVICE = Service(
    name="contests",
    title="Contests",
    title_fa="مسابقه‌ها",
    tags={
        "contests": "Contests: stakes, results by two persons, settlement · مسابقه‌ها",
    },
    routers=(router,),
    tables=(models,),
    jobs=(settlement_job(),),
    event_types=EVENT_TYPES,
    outcomes={NAME: one_by_one(on_outcome)},
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(stays(ContestEntry.member_id, IN_THE_LEDGER),),
)
