"""What the application takes from the organisations service."""

from host_api.core.service import Service
from host_api.services.organisations import models
from host_api.services.organisations.routes import router

SERVICE = Service(
    name="organisations",
    title="Organisations",
    title_fa="سازمان‌ها",
    tags={
        "organisations": "Organisations whose people are members · سازمان‌ها",
    },
    routers=(router,),
    tables=(models,),
)
