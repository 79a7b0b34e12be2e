"""What the application takes from the reconciliation service."""

from host_api.core.service import Service, StatusPart
from host_api.services.reconciliation import models
from host_api.services.reconciliation.daily import DAILY_RECONCILIATION, notices
from host_api.services.reconciliation.events import RECONCILIATION_DIFFERED
from host_api.services.reconciliation.routes import router

SERVICE = Service(
    name="reconciliation",
    title="Reconciliation",
    title_fa="مغایرت‌گیری",
    tags={
        "reconciliation": "Requests, projection and switch compared · مغایرت‌گیری",
    },
    routers=(router,),
    tables=(models,),
    jobs=(DAILY_RECONCILIATION,),
    event_types=(RECONCILIATION_DIFFERED,),
    notices=notices,
    status_parts=(StatusPart.FEED,),
)
