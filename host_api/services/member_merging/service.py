"""What the application takes from the merging service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import stays
from host_api.core.service import Service
from host_api.services.member_merging import models, moving
from host_api.services.member_merging.events import MEMBER_MERGED, MEMBER_SPLIT
from host_api.services.member_merging.job import SWEEP_MERGED
from host_api.services.member_merging.models import RecordAct
from host_api.services.member_merging.personal_data import PERSONAL_DATA
from host_api.services.member_merging.routes import router

SERVICE = Service(
    name="member_merging",
    title="Merging and splitting members",
    title_fa="ادغام و تفکیک اعضا",
    tags={
        "member merging": "Two records of one person · ادغام و تفکیک اعضا",
    },
    routers=(router,),
    tables=(models,),
    jobs=(SWEEP_MERGED,),
    event_types=(MEMBER_MERGED, MEMBER_SPLIT),
    outcomes={moving.SERVICE: one_by_one(moving.on_outcome)},
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(RecordAct.from_member_id, "is the merge"),
        stays(RecordAct.to_member_id, "is the merge"),
    ),
)
