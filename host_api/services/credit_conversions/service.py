"""What the application takes from the credit conversions service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.credit_conversions import logic, models
from host_api.services.credit_conversions.models import CreditConversion
from host_api.services.credit_conversions.personal_data import PERSONAL_DATA
from host_api.services.credit_conversions.routes import router

SERVICE = Service(
    name="credit_conversions",
    title="Credit to rial value",
    title_fa="تبدیل اعتبار به ارزش ریالی",
    tags={
        "credit conversions": "What credit is worth, and turning it into rials · تبدیل اعتبار به ارزش ریالی",
    },
    routers=(router,),
    tables=(models,),
    outcomes={logic.SERVICE: one_by_one(logic.on_outcome)},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(stays(CreditConversion.member_id, IN_THE_LEDGER),),
)
