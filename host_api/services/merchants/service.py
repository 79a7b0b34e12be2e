"""What the application takes from the merchants service."""

from host_api.core.service import Service
from host_api.services.merchants import models
from host_api.services.merchants.contracts import models as contract_models
from host_api.services.merchants.contracts.events import CONTRACT_APPROVED, CONTRACT_EXPIRING
from host_api.services.merchants.contracts.expiry import WARN_OF_EXPIRY
from host_api.services.merchants.contracts.routes import router as contract_router
from host_api.services.merchants.events import (
    BRANCH_CHANGED,
    BRANCH_OPENED,
    MERCHANT_REGISTERED,
    MERCHANT_STATUS_CHANGED,
)
from host_api.services.merchants.export import router as export_router
from host_api.services.merchants.routes import router

SERVICE = Service(
    name="merchants",
    title="Merchants",
    title_fa="پذیرنده‌ها",
    tags={
        "merchants": "Merchants and branches · پذیرنده‌ها و شعبه‌ها",
        "contracts": "Contracts of merchants · قراردادهای پذیرندگان",
    },
    routers=(
        export_router,
        router,
        contract_router,
    ),
    tables=(models, contract_models),
    jobs=(WARN_OF_EXPIRY,),
    event_types=(
        BRANCH_CHANGED,
        BRANCH_OPENED,
        CONTRACT_APPROVED,
        CONTRACT_EXPIRING,
        MERCHANT_REGISTERED,
        MERCHANT_STATUS_CHANGED,
    ),
)
