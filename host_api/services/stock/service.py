"""What the application takes from the stock service."""

from host_api.core.service import Service
from host_api.services.stock import models
from host_api.services.stock.events import STOCK_COUNTED, STOCK_RAN_OUT
from host_api.services.stock.routes import router

SERVICE = Service(
    name="stock",
    title="Stock and stocktaking",
    title_fa="موجودی و انبارگردانی",
    tags={
        "stock": "What branches have of their products, and counting it · موجودی و انبارگردانی",
    },
    routers=(router,),
    tables=(models,),
    event_types=(STOCK_RAN_OUT, STOCK_COUNTED),
)
