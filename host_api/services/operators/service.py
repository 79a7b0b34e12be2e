"""What the application takes from the operators service."""

from host_api.core.service import Service
from host_api.services.operators import models
from host_api.services.operators.events import OPERATOR_CHANGED, SHIFT_CLOSED, SHIFT_OPENED
from host_api.services.operators.routes import router
from host_api.services.operators.shift_routes import router as shift_router

SERVICE = Service(
    name="operators",
    title="Operators",
    title_fa="اپراتورها",
    tags={
        "operators": "Operators of tills · اپراتورهای صندوق",
        "shifts": "Shifts of tills · شیفت‌های صندوق",
    },
    routers=(
        router,
        shift_router,
    ),
    tables=(models,),
    event_types=(
        OPERATOR_CHANGED,
        SHIFT_CLOSED,
        SHIFT_OPENED,
    ),
)
