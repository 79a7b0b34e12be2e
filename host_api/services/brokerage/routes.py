"""Endpoints of sources, trades, holdings and reports about them."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.brokerage import access, portfolio, problems, sources, trades
from host_api.services.brokerage.listing import (
    PositionExportQuery,
    PositionQuery,
    SourceQuery,
    SymbolDayExportQuery,
    SymbolDayQuery,
    SymbolRankQuery,
    TradeConditions,
    TradeExportQuery,
    TradeQuery,
    TradeReportQuery,
    TraderRankQuery,
)
from host_api.services.brokerage.schemas import (
    BrokerageSourceCreate,
    BrokerageSourceRead,
    BrokerageSourceUpdate,
    ClubTemplateRead,
    ClubTemplateUse,
    PortfolioRead,
    PositionRead,
    SymbolDayRead,
    SymbolRank,
    TradeRead,
    TradeReportRead,
    TraderRank,
    TurnoverRead,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/brokerage", tags=["brokerage"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]

_TRADE_COLUMNS: Final = (
    ("source", "Source", "منبع"),
    ("reference", "Reference", "شمارهٔ معامله"),
    ("revision", "Revision", "ویرایش"),
    ("member_id", "Member number", "شمارهٔ عضویت"),
    ("symbol", "Symbol", "نماد"),
    ("asset_type", "Type", "نوع"),
    ("side", "Side", "خرید یا فروش"),
    ("traded_at", "Traded at", "زمان معامله"),
    ("quantity", "Quantity", "تعداد"),
    ("price_rials", "Price", "قیمت"),
    ("turnover_rials", "Turnover", "ارزش معامله"),
    ("commission_rials", "Commission", "کارمزد"),
    ("is_cancelled", "Cancelled", "باطل"),
)
_POSITION_COLUMNS: Final = (
    ("source", "Source", "منبع"),
    ("member_id", "Member number", "شمارهٔ عضویت"),
    ("symbol", "Symbol", "نماد"),
    ("asset_type", "Type", "نوع"),
    ("as_of", "As of", "در تاریخ"),
    ("quantity", "Quantity", "تعداد"),
    ("value_rials", "Value", "ارزش"),
    ("cost_rials", "Cost", "بهای تمام‌شده"),
)
_DAY_COLUMNS: Final = (
    ("day", "Day", "روز"),
    ("source", "Source", "منبع"),
    ("symbol", "Symbol", "نماد"),
    ("asset_type", "Type", "نوع"),
    ("buy_count", "Buys", "تعداد خرید"),
    ("buy_rials", "Bought, rial", "ارزش خرید"),
    ("sell_count", "Sales", "تعداد فروش"),
    ("sell_rials", "Sold, rial", "ارزش فروش"),
    ("turnover_rials", "Turnover", "گردش"),
    ("commission_rials", "Commission", "کارمزد"),
)
add_export(
    router,
    list_export("trades", TradeExportQuery, _TRADE_COLUMNS, trades.read_after),
    TradeExportQuery,
    access.READ,
)
add_export(
    router,
    list_export("positions", PositionExportQuery, _POSITION_COLUMNS, portfolio.read_after),
    PositionExportQuery,
    access.READ,
)
add_export(
    router,
    list_export("symbol-days", SymbolDayExportQuery, _DAY_COLUMNS, trades.read_symbol_days_after),
    SymbolDayExportQuery,
    access.READ,
)


@router.post(
    "/sources",
    status_code=201,
    summary="Add a broker or fund",
    responses=problem_responses(problems.BrokerageSourceTaken),
)
async def create_source(
    work: Writing, response: Response, wanted: BrokerageSourceCreate
) -> BrokerageSourceRead:
    """Say whose trades and holdings are imported under a code, and by which events its trades earn."""
    made, response.headers["ETag"] = await sources.create(work.session, wanted)
    return made


@router.get("/sources", summary="List brokers and funds")
async def list_sources(work: Reading, query: Annotated[SourceQuery, Query()]) -> Page[BrokerageSourceRead]:
    """All sources, also those whose trades are not taken now."""
    return await sources.read_page(work.session, query)


@router.get(
    "/sources/{source_id}",
    summary="Read a broker or fund",
    responses=problem_responses(problems.BrokerageSourceNotFound),
)
async def read_source(work: Reading, response: Response, source_id: IdInPath) -> BrokerageSourceRead:
    """One source by id."""
    found, response.headers["ETag"] = await sources.read(work.session, source_id)
    return found


@router.patch(
    "/sources/{source_id}",
    summary="Change a broker or fund",
    responses=problem_responses(problems.BrokerageSourceNotFound, ChangedMeanwhile),
)
async def change_source(
    work: Writing,
    response: Response,
    source_id: IdInPath,
    wanted: BrokerageSourceUpdate,
    if_match: IfMatch,
) -> BrokerageSourceRead:
    """Rename it, have its trades earn otherwise, or take none of them; those taken before stay."""
    changed, response.headers["ETag"] = await sources.change(work.session, source_id, wanted, if_match)
    return changed


@router.get("/club-templates", summary="List ready-made clubs of brokers and funds")
async def list_club_templates(_work: Reading) -> Page[ClubTemplateRead]:
    """A source, a type of events and rules for the draft, for a broker's club and for a fund's."""
    return Page(items=list(sources.templates().values()), next_cursor=None)


@router.post(
    "/club-templates",
    status_code=201,
    summary="Set up a ready-made club of a broker or fund",
    responses=problem_responses(problems.BrokerageSourceTaken),
)
async def use_club_template(work: Writing, wanted: ClubTemplateUse) -> BrokerageSourceRead:
    """Make its source and its type of events. Its rules are put into the draft apart from this."""
    return await sources.use_template(work.session, wanted.template)


@router.get("/trades", summary="List trades")
async def list_trades(work: Reading, query: Annotated[TradeQuery, Query()]) -> Page[TradeRead]:
    """Trades as their last revisions have them, by date, side, type, symbol, member and source."""
    return await trades.read_page(work.session, query)


@router.get("/trades/{trade_id}", summary="Read a trade", responses=problem_responses(problems.TradeNotFound))
async def read_trade(work: Reading, trade_id: IdInPath) -> TradeRead:
    """One trade by id."""
    return await trades.read(work.session, trade_id)


@router.get("/trade-reports", summary="List imported rows of trades")
async def list_trade_reports(
    work: Reading, query: Annotated[TradeReportQuery, Query()]
) -> Page[TradeReportRead]:
    """Every row as it was imported, and what became of it: with all revisions, and why rows were refused."""
    return await trades.read_reports(work.session, query)


@router.get("/turnover", summary="Sum up trades")
async def read_turnover(work: Reading, query: Annotated[TradeConditions, Query()]) -> TurnoverRead:
    """Buys and sales that were not cancelled: how many, of what worth, with what commission."""
    return await trades.turnover(work.session, query)


@router.get("/positions", summary="List holdings")
async def list_positions(work: Reading, query: Annotated[PositionQuery, Query()]) -> Page[PositionRead]:
    """What members hold, as their sources told it last."""
    return await portfolio.read_page(work.session, query)


@router.get(
    "/portfolios/{member_id}",
    summary="Read a member's portfolio",
    responses=problem_responses(MemberNotFound),
)
async def read_portfolio(work: Reading, member_id: IdInPath) -> PortfolioRead:
    """Holdings at brokers and in funds side by side, and of when they are at each."""
    return await portfolio.read(work.session, member_id)


@router.get("/symbol-days", summary="List days of symbols")
async def list_symbol_days(work: Reading, query: Annotated[SymbolDayQuery, Query()]) -> Page[SymbolDayRead]:
    """Buys and sales of each symbol at each source by day."""
    return await trades.read_symbol_days(work.session, query)


@router.get("/symbol-ranking", summary="Rank symbols")
async def rank_symbols(work: Reading, query: Annotated[SymbolRankQuery, Query()]) -> Page[SymbolRank]:
    """The symbols traded most on some days, by turnover, commission or number of trades."""
    return Page(items=await trades.rank_symbols(work.session, query), next_cursor=None)


@router.get("/trader-ranking", summary="Rank members by their trades")
async def rank_traders(work: Reading, query: Annotated[TraderRankQuery, Query()]) -> Page[TraderRank]:
    """The members with the highest commissions on some days, or turnover, or number of trades."""
    return Page(items=await trades.rank_traders(work.session, query), next_cursor=None)
