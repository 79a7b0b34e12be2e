"""What the application takes from the shop."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.shop.auctions import bidding
from host_api.services.shop.auctions import models as auction_models
from host_api.services.shop.auctions.giving_back import SERVICE as AUCTIONS
from host_api.services.shop.auctions.job import JOB as SETTLE_AUCTIONS
from host_api.services.shop.auctions.models import ShopBid
from host_api.services.shop.auctions.routes import router as auction_router
from host_api.services.shop.cart import models as cart_models
from host_api.services.shop.cart.models import ShopCartLine
from host_api.services.shop.cart.routes import router as cart_router
from host_api.services.shop.catalogue import models as catalogue_models
from host_api.services.shop.catalogue.routes import router as catalogue_router
from host_api.services.shop.events import (
    AUCTION_ENDED,
    ITEM_SOLD_OUT,
    LINE_CHANGED,
    ORDER_ACCEPTED,
    ORDER_REFUSED,
    POINTS_GIVEN_BACK,
    VOUCHER_REDEEMED,
)
from host_api.services.shop.notices import notices
from host_api.services.shop.order import models as order_models
from host_api.services.shop.order import paying, placing
from host_api.services.shop.order.models import ShopGivingBack, ShopOrder, ShopOrderLine
from host_api.services.shop.order.routes import router as order_router
from host_api.services.shop.personal_data import PERSONAL_DATA
from host_api.services.shop.reports.routes import router as report_router
from host_api.services.shop.vouchers import models as voucher_models
from host_api.services.shop.vouchers.models import ShopVoucher
from host_api.services.shop.vouchers.routes import router as voucher_router

SERVICE = Service(
    name="shop",
    title="Shop",
    title_fa="فروشگاه",
    tags={
        "shop": "What the shop sells, and members' carts · فروشگاه",
        "shop orders": "Orders, their delivery and return · سفارش‌های فروشگاه",
        "shop auctions": "Items for the highest bid of points · مزایده‌ها",
        "shop vouchers": "Vouchers of a fixed value · بن‌های خرید",
    },
    routers=(catalogue_router, cart_router, order_router, auction_router, voucher_router, report_router),
    tables=(catalogue_models, cart_models, order_models, auction_models, voucher_models),
    event_types=(
        ITEM_SOLD_OUT,
        ORDER_ACCEPTED,
        ORDER_REFUSED,
        LINE_CHANGED,
        POINTS_GIVEN_BACK,
        VOUCHER_REDEEMED,
        AUCTION_ENDED,
    ),
    jobs=(SETTLE_AUCTIONS,),
    outcomes={placing.SERVICE: paying.on_outcomes, AUCTIONS: one_by_one(bidding.on_outcome)},
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    notices=notices,
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(ShopBid.member_id, IN_THE_LEDGER),
        moves(ShopCartLine.member_id),
        stays(ShopGivingBack.member_id, IN_THE_LEDGER),
        moves(ShopOrder.member_id),
        stays(ShopOrderLine.member_id, IN_THE_LEDGER),
        moves(ShopVoucher.member_id),
    ),
)
