"""What the application takes from trading credit."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, stays
from host_api.core.service import Service, StatusPart
from host_api.services.trading_credit import logic, models
from host_api.services.trading_credit.events import CREDIT_GRANTED, CREDIT_REVERSED
from host_api.services.trading_credit.models import CreditLine
from host_api.services.trading_credit.personal_data import PERSONAL_DATA
from host_api.services.trading_credit.routes import router

SERVICE = Service(
    name="trading_credit",
    title="Points to trading credit",
    title_fa="خرید اعتبار معاملاتی",
    tags={"trading credit": "Credit for trading, bought with points · خرید اعتبار معاملاتی"},
    routers=(router,),
    tables=(models,),
    event_types=(CREDIT_GRANTED, CREDIT_REVERSED),
    outcomes={logic.SERVICE: one_by_one(logic.on_outcome)},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(stays(CreditLine.member_id, IN_THE_LEDGER),),
)
