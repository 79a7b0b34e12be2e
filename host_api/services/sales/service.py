"""What the application takes from the sales service."""

from host_api.core.service import Service, StatusPart
from host_api.services.sales import models, points
from host_api.services.sales.events import STORE_SALE_REGISTERED, STORE_SALE_RETURNED
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
    outcomes={points.SERVICE: points.on_outcome},
    status_parts=(StatusPart.LEDGER, StatusPart.FEED),
    personal_data=(PERSONAL_DATA,),
)
