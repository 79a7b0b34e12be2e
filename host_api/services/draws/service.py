"""What the application takes from draws: their tables. What is asked of them goes through their holders."""

from host_api.core.service import Service
from host_api.services.draws import models

SERVICE = Service(
    name="draws",
    title="Verifiable draws",
    title_fa="قرعه‌کشی راستی‌آزمودنی",
    tags={},
    routers=(),
    tables=(models,),
)
