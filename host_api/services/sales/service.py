"""What the application takes from the sales service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.sales import models, points
from host_api.services.sales.events import STORE_SALE_REGISTERED, STORE_SALE_RETURNED
from host_api.services.sales.models import StoreSale
from host_api.services.sales.personal_data import PERSONAL_DATA
from host_api.services.sales.routes import router, till_router

SERVICE = Service(
    name="sales",
    title="Sales of merchants",
    title_fa="فروش پذیرندگان",
    tags={
        "sales": "Sales, gifts and returns of merchants · فروش، هدیه و مرجوعی پذیرندگان",
        "tills": "What cash registers send · صندوق‌های فروشگاهی",
    },
    routers=(router, till_router),
    tables=(models,),
    event_types=(STORE_SALE_REGISTERED, STORE_SALE_RETURNED),
    outcomes={points.SERVICE: one_by_one(points.on_outcome)},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED),
    personal_data=(PERSONAL_DATA,),
    member_rows=(stays(StoreSale.member_id, IN_THE_LEDGER),),
)
