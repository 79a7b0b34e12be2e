"""What the application takes from the discount codes service."""

from host_api.core.member_rows import moves
from host_api.core.service import Service
from host_api.services.discount_codes import models
from host_api.services.discount_codes.bulk import CODES_IMPORT
from host_api.services.discount_codes.events import CODE_TAKEN, CODE_USED, POOL_LOW
from host_api.services.discount_codes.jobs import EXPIRE_CODES
from host_api.services.discount_codes.models import DiscountCode
from host_api.services.discount_codes.personal_data import PERSONAL_DATA
from host_api.services.discount_codes.routes import router

SERVICE = Service(
    name="discount_codes",
    title="Discount codes",
    title_fa="کدهای تخفیف",
    tags={
        "discount codes": "Pools of codes and members' codes · کدهای تخفیف",
    },
    routers=(router,),
    tables=(models,),
    jobs=(EXPIRE_CODES,),
    imports=(CODES_IMPORT,),
    event_types=(POOL_LOW, CODE_TAKEN, CODE_USED),
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(DiscountCode.member_id),),
)
