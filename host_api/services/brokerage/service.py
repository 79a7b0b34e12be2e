"""What the application takes from trades and portfolios."""

from host_api.core.member_rows import stays
from host_api.core.service import Service, StatusPart
from host_api.services.brokerage import models
from host_api.services.brokerage.import_routes import router as import_router
from host_api.services.brokerage.import_rows import POSITIONS_IMPORT, TRADES_IMPORT
from host_api.services.brokerage.jobs import SETTLING
from host_api.services.brokerage.models import PortfolioUpdate, Position, Trade, TradeChange, TradeReport
from host_api.services.brokerage.personal_data import PERSONAL_DATA
from host_api.services.brokerage.routes import router

_READ_ALONG = "who reads the surviving record reads those that went into it too"

SERVICE = Service(
    name="brokerage",
    title="Trades and portfolios",
    title_fa="معاملات و پرتفوی",
    tags={"brokerage": "Trades and portfolios at brokers and in funds · معاملات و پرتفوی"},
    routers=(import_router, router),
    tables=(models,),
    jobs=(SETTLING,),
    imports=(TRADES_IMPORT, POSITIONS_IMPORT),
    status_parts=(StatusPart.LEDGER, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(TradeReport.member_id, _READ_ALONG),
        stays(Trade.member_id, _READ_ALONG),
        stays(TradeChange.member_id, _READ_ALONG),
        stays(Position.member_id, _READ_ALONG),
        stays(PortfolioUpdate.member_id, _READ_ALONG),
    ),
)
