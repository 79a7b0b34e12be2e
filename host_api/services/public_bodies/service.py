"""What the application takes from public bodies."""

from host_api.core.service import Service
from host_api.services.public_bodies import models
from host_api.services.public_bodies.events import CREDIT_WRITTEN, PARTICIPATION_CHANGED
from host_api.services.public_bodies.routes import router

SERVICE = Service(
    name="public_bodies",
    title="Public bodies",
    title_fa="نهادهای عمومی",
    tags={"public bodies": "Associations, guilds, municipalities and banks that take part · نهادهای عمومی"},
    routers=(router,),
    tables=(models,),
    event_types=(PARTICIPATION_CHANGED, CREDIT_WRITTEN),
)
