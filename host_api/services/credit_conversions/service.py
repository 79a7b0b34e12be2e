"""What the application takes from the credit conversions service."""

from host_api.core.service import Service, StatusPart
from host_api.services.credit_conversions import logic, models
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
    outcomes={logic.SERVICE: logic.on_outcome},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
)
