"""What the application takes from the budgets service."""

from host_api.core.service import Service
from host_api.services.budgets import models
from host_api.services.budgets.events import BUDGET_WARNING
from host_api.services.budgets.routes import router

SERVICE = Service(
    name="budgets",
    title="Credit budgets",
    title_fa="بودجهٔ اعتبارها",
    tags={
        "budgets": "Budgets of the club's credits · بودجهٔ اعتبارها",
    },
    routers=(router,),
    tables=(models,),
    event_types=(BUDGET_WARNING,),
)
