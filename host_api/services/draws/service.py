"""What the application takes from draws: their tables. What is asked of them goes through their holders."""

from host_api.core.member_rows import stays
from host_api.core.service import Service
from host_api.services.draws import models
from host_api.services.draws.models import DrawTicket, DrawWin

SERVICE = Service(
    name="draws",
    title="Verifiable draws",
    title_fa="قرعه‌کشی راستی‌آزمودنی",
    tags={},
    routers=(),
    tables=(models,),
    member_rows=(
        stays(
            DrawTicket.member_id,
            "a published list doesn't change; the surviving record wins",
        ),
        stays(
            DrawWin.member_id,
            "a published draw doesn't change; the surviving record wins",
        ),
    ),
)
