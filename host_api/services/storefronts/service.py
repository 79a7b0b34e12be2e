"""What the application takes from storefronts."""

from host_api.core.member_rows import moves
from host_api.core.service import Service, StatusPart
from host_api.services.storefronts.events import STOREFRONT_ORDER_CHANGED
from host_api.services.storefronts.fronts import models as front_models
from host_api.services.storefronts.fronts.member_routes import router as member_router
from host_api.services.storefronts.fronts.routes import router as front_router
from host_api.services.storefronts.orders import following, placing
from host_api.services.storefronts.orders import models as order_models
from host_api.services.storefronts.orders.job import END_ORDERS
from host_api.services.storefronts.orders.models import StorefrontOrder
from host_api.services.storefronts.orders.routes import exports as order_exports
from host_api.services.storefronts.orders.routes import router as order_router
from host_api.services.storefronts.personal_data import PERSONAL_DATA

SERVICE = Service(
    name="storefronts",
    title="Storefronts",
    title_fa="ویترین فروشندگان",
    tags={
        "storefronts": "Sellers' own shops and what they grant members · ویترین فروشندگان",
        "storefront orders": "Orders at sellers' shops · سفارش‌های ویترین",
    },
    routers=(order_exports, order_router, member_router, front_router),
    tables=(front_models, order_models),
    event_types=(STOREFRONT_ORDER_CHANGED,),
    jobs=(END_ORDERS,),
    outcomes={placing.SERVICE: following.on_outcomes},
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(StorefrontOrder.member_id),),
)
