"""What the application takes from marketers."""

from host_api.core.member_rows import stays
from host_api.core.service import Service, StatusPart
from host_api.services.marketers import models
from host_api.services.marketers.affiliate_routes import router as affiliate_router
from host_api.services.marketers.entries import ENTRIES_IMPORT
from host_api.services.marketers.events import STATEMENT_CLOSED, STATEMENT_PAID
from host_api.services.marketers.jobs import CLOSING, FOLLOWING
from host_api.services.marketers.models import AffiliateAttribution, Marketer
from host_api.services.marketers.personal_data import PERSONAL_DATA
from host_api.services.marketers.routes import router

SERVICE = Service(
    name="marketers",
    title="Marketers",
    title_fa="بازاریاب‌ها",
    tags={"marketers": "Marketers, statements and affiliate links · بازاریاب‌ها"},
    routers=(router, affiliate_router),
    tables=(models,),
    jobs=(FOLLOWING, CLOSING),
    imports=(ENTRIES_IMPORT,),
    event_types=(STATEMENT_CLOSED, STATEMENT_PAID),
    status_parts=(StatusPart.JOBS,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(Marketer.member_id, "customers of the record stay its marketer's, and count for them"),
        stays(AffiliateAttribution.member_id, "through which link the record came about is history"),
    ),
)
