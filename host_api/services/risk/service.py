"""What the application takes from risk."""

from host_api.core.member_rows import moves, stays
from host_api.core.service import Service, StatusPart
from host_api.services.risk.alerts import models as alert_tables
from host_api.services.risk.alerts.acting_job import ACTING
from host_api.services.risk.alerts.models import RiskAlert, RiskMiss
from host_api.services.risk.alerts.routes import router as alerts_router
from host_api.services.risk.counting import models as counter_tables
from host_api.services.risk.counting.projection import RiskCounting
from host_api.services.risk.events import ALERT_DECIDED, ALERT_RAISED
from host_api.services.risk.limits import models as limit_tables
from host_api.services.risk.limits.routes import router as limits_router
from host_api.services.risk.personal_data import PERSONAL_DATA
from host_api.services.risk.ratings import models as rating_tables
from host_api.services.risk.ratings.job import RATING
from host_api.services.risk.ratings.models import RiskFlag, RiskRating
from host_api.services.risk.ratings.routes import router as ratings_router
from host_api.services.risk.trades import models as trade_tables
from host_api.services.risk.trades.models import RiskTrade
from host_api.services.risk.trades.routes import router as trades_router
from host_api.services.risk.upkeep import RISK_UPKEEP

SERVICE = Service(
    name="risk",
    title="Risk",
    title_fa="ریسک",
    tags={"risk": "Limits, alerts, risky trades, classes of members · ریسک"},
    routers=(alerts_router, limits_router, trades_router, ratings_router),
    tables=(limit_tables, counter_tables, alert_tables, trade_tables, rating_tables),
    jobs=(ACTING, RATING, RISK_UPKEEP),
    event_types=(ALERT_RAISED, ALERT_DECIDED),
    projectors=(RiskCounting,),
    status_parts=(StatusPart.FEED, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        moves(RiskAlert.member_id),
        moves(RiskMiss.member_id),
        moves(RiskTrade.member_id),
        stays(RiskRating.member_id, "is what that record was rated; the other is rated anew the next night"),
        stays(RiskFlag.member_id, "is what that record was rated; the other is rated anew the next night"),
    ),
)
