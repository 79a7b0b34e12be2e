"""What the application takes from the fault finder."""

from host_api.core.service import Service
from host_api.services.fault_finder import models
from host_api.services.fault_finder.retention import PRUNE_FAULTS
from host_api.services.fault_finder.routes import router

SERVICE = Service(
    name="fault_finder",
    title="Fault finder",
    title_fa="خطایاب",
    tags={
        "fault finder": "Errors of the system, and what to do · خطایاب",
    },
    routers=(router,),
    tables=(models,),
    jobs=(PRUNE_FAULTS,),
)
