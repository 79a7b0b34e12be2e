"""What the application takes from ready programmes."""

from host_api.core.service import Service
from host_api.services.programme_templates import models
from host_api.services.programme_templates.routes import router

SERVICE = Service(
    name="programme_templates",
    title="Ready programmes",
    title_fa="برنامه‌های آماده",
    tags={"programme templates": "Kinds of club, made in one call · برنامه‌های آماده"},
    routers=(router,),
    tables=(models,),
)
