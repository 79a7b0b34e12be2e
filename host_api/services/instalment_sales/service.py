"""What the application takes from instalment sales."""

from host_api.core.member_rows import moves
from host_api.core.service import Service, StatusPart
from host_api.services.instalment_sales import models, paying
from host_api.services.instalment_sales.events import INSTALMENT_LATE, INSTALMENT_SALE_ENDED
from host_api.services.instalment_sales.late_job import MARK_LATE
from host_api.services.instalment_sales.models import InstalmentSale
from host_api.services.instalment_sales.personal_data import PERSONAL_DATA
from host_api.services.instalment_sales.routes import exports, router

SERVICE = Service(
    name="instalment_sales",
    title="Instalment sales",
    title_fa="فروش اقساطی",
    tags={"instalment sales": "What members pay sellers in instalments · فروش اقساطی"},
    routers=(exports, router),
    tables=(models,),
    event_types=(INSTALMENT_LATE, INSTALMENT_SALE_ENDED),
    jobs=(MARK_LATE,),
    outcomes={paying.SERVICE: paying.on_outcomes},
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(InstalmentSale.member_id),),
)
