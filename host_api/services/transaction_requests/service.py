"""What the application takes from the transaction_requests service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service
from host_api.services.transaction_requests import logic, models
from host_api.services.transaction_requests.events import TRANSACTION_REQUEST_FINISHED
from host_api.services.transaction_requests.models import TransactionRequest
from host_api.services.transaction_requests.routes import router

SERVICE = Service(
    name="transaction_requests",
    title="Voids and returns",
    title_fa="ابطال و برگشت تراکنش",
    tags={
        "voids and returns": "Voids and returns from the back office · ابطال و برگشت تراکنش",
    },
    routers=(router,),
    tables=(models,),
    event_types=(TRANSACTION_REQUEST_FINISHED,),
    outcomes={logic.SERVICE: one_by_one(logic.on_outcome)},
    member_rows=(stays(TransactionRequest.member_id, IN_THE_LEDGER),),
)
