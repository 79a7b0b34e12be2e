"""What the application takes from the credit grants service."""

from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.credit_grants import logic, models
from host_api.services.credit_grants.giving_job import END_GRANTS, GIVE_GRANT
from host_api.services.credit_grants.models import CreditGift, CreditGrant
from host_api.services.credit_grants.personal_data import PERSONAL_DATA
from host_api.services.credit_grants.routes import router

SERVICE = Service(
    name="credit_grants",
    title="Credit and gift grants",
    title_fa="اعتبار و هدیه به اعضا",
    tags={
        "credit grants": "Credit and gift values for members, under a budget · اعتبار و هدیه به اعضا",
    },
    routers=(router,),
    tables=(models,),
    jobs=(GIVE_GRANT, END_GRANTS),
    outcomes={logic.SERVICE: logic.on_outcomes},
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(CreditGift.member_id, IN_THE_LEDGER),
        stays(CreditGrant.member_id, "whom a grant was asked for is history"),
    ),
)
