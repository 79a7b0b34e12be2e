"""What the application takes from points to cash."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.cash_outs import logic, models
from host_api.services.cash_outs.batch_routes import router as batch_router
from host_api.services.cash_outs.events import CASH_OUT_PAID, CASH_OUT_RETURNED
from host_api.services.cash_outs.models import CashOut
from host_api.services.cash_outs.personal_data import PERSONAL_DATA
from host_api.services.cash_outs.routes import router

SERVICE = Service(
    name="cash_outs",
    title="Points to cash",
    title_fa="تبدیل امتیاز به وجه نقد",
    tags={"cash outs": "Points to cash, by bank batches · تبدیل امتیاز به وجه نقد"},
    routers=(batch_router, router),
    tables=(models,),
    event_types=(CASH_OUT_PAID, CASH_OUT_RETURNED),
    outcomes={logic.SERVICE: one_by_one(logic.on_outcome)},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(stays(CashOut.member_id, IN_THE_LEDGER),),
)
