"""What the application takes from the transactions service."""

from host_api.core.member_rows import stays
from host_api.core.service import Service, StatusPart
from host_api.services.transactions import models
from host_api.services.transactions.account_movements import AccountMovementProjector
from host_api.services.transactions.business_days import BusinessDayProjector
from host_api.services.transactions.events import TRANSACTION_RECORDED, TransactionTeller
from host_api.services.transactions.export import router as export_router
from host_api.services.transactions.models import Transaction
from host_api.services.transactions.personal_data import PERSONAL_DATA
from host_api.services.transactions.projection import TransactionProjector
from host_api.services.transactions.routes import router

SERVICE = Service(
    name="transactions",
    title="Transactions",
    title_fa="تراکنش‌ها",
    tags={
        "transactions": "Transactions from the journal · تراکنش‌ها",
    },
    routers=(
        export_router,
        router,
    ),
    tables=(models,),
    event_types=(TRANSACTION_RECORDED,),
    projectors=(
        TransactionProjector,
        AccountMovementProjector,
        BusinessDayProjector,
        TransactionTeller,
    ),
    status_parts=(StatusPart.FEED,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(stays(Transaction.member_number, "is read from the journal"),),
)
