"""What the application takes from spending at partners."""

from host_api.core.service import Service, StatusPart
from host_api.services.partner_spending import logic, models
from host_api.services.partner_spending.events import PARTNER_SPENDING_ACCEPTED, PARTNER_SPENDING_RETURNED
from host_api.services.partner_spending.partner_routes import router as partner_router
from host_api.services.partner_spending.personal_data import PERSONAL_DATA
from host_api.services.partner_spending.routes import router

SERVICE = Service(
    name="partner_spending",
    title="Spending at partners",
    title_fa="خرج امتیاز نزد شریک‌ها",
    tags={"partner spending": "Points spent at partner companies · خرج امتیاز نزد شریک‌ها"},
    routers=(router, partner_router),
    tables=(models,),
    event_types=(PARTNER_SPENDING_ACCEPTED, PARTNER_SPENDING_RETURNED),
    outcomes={logic.SERVICE: logic.on_outcome},
    status_parts=(StatusPart.LEDGER,),
    personal_data=(PERSONAL_DATA,),
)
