"""What the application takes from the coalition."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import IN_THE_LEDGER, moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.coalition import exchanges, models
from host_api.services.coalition.courier_job import COALITION_COURIER
from host_api.services.coalition.events import CLUB_EXCHANGE_DONE
from host_api.services.coalition.exchange_routes import router as exchange_router
from host_api.services.coalition.models import ClubExchange, ClubLink, ClubLinkCode
from host_api.services.coalition.notices import notices
from host_api.services.coalition.personal_data import PERSONAL_DATA
from host_api.services.coalition.routes import router

SERVICE = Service(
    name="coalition",
    title="Coalition of clubs",
    title_fa="باشگاه‌های هم‌پیمان",
    tags={"coalition": "Clubs that take each other's members · باشگاه‌های هم‌پیمان"},
    routers=(exchange_router, router),
    tables=(models,),
    jobs=(COALITION_COURIER,),
    event_types=(CLUB_EXCHANGE_DONE,),
    outcomes={exchanges.SERVICE: one_by_one(exchanges.on_outcome)},
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    notices=notices,
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(ClubLinkCode.member_id, "a code ends by itself"),
        moves(ClubLink.member_id),
        stays(ClubExchange.member_id, IN_THE_LEDGER),
    ),
)
