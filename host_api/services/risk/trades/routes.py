"""Endpoints of trades, risky symbols and the efficiency of credit."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.risk import access, problems
from host_api.services.risk.trades import efficiency, logic
from host_api.services.risk.trades.listing import (
    CreditEfficiencyExportQuery,
    CreditEfficiencyQuery,
    RiskySymbolQuery,
    ToldTradeExportQuery,
    ToldTradeQuery,
)
from host_api.services.risk.trades.schemas import (
    CreditEfficiencyRead,
    RiskySymbolCreate,
    RiskySymbolRead,
    RiskySymbolUpdate,
    ToldTradeAnswer,
    ToldTradeRead,
    TradeTold,
)

router = APIRouter(prefix="/risk", tags=["risk"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Acting = Annotated[WriteWork, writes(access.ACT)]

_TRADE_COLUMNS: Final = (
    ("id", "Trade", "شناسه"),
    ("reference", "Reference", "شمارهٔ کارگزار"),
    ("member_id", "Member", "شمارهٔ عضو"),
    ("symbol", "Symbol", "نماد"),
    ("side", "TradeSide", "خرید یا فروش"),
    ("units", "Units", "تعداد"),
    ("amount", "Rials", "ریال"),
    ("at", "At", "زمان"),
)
_EFFICIENCY_COLUMNS: Final = (
    ("member_id", "Member", "شمارهٔ عضو"),
    ("credit", "Credit", "اعتبار"),
    ("turnover", "Turnover", "گردش"),
    ("trades", "Trades", "تعداد معامله"),
    ("ratio_percent", "Turnover per cent of credit", "درصد گردش به اعتبار"),
)
add_export(
    router,
    list_export("trades", ToldTradeExportQuery, _TRADE_COLUMNS, logic.read_after),
    ToldTradeExportQuery,
    access.READ,
)
add_export(
    router,
    list_export("efficiency", CreditEfficiencyExportQuery, _EFFICIENCY_COLUMNS, efficiency.read_after),
    CreditEfficiencyExportQuery,
    access.READ,
)


@router.post(
    "/trades",
    status_code=201,
    summary="Tell a trade",
    responses=problem_responses(MemberNotFound, problems.TradeConflict),
)
async def tell_trade(work: Acting, told: TradeTold) -> ToldTradeAnswer:
    """As it happens, or later; once by its reference. The answer warns of the symbol and of limits passed."""
    return await logic.trade_told(work.session, told)


@router.get("/trades", summary="List trades")
async def list_trades(work: Reading, query: Annotated[ToldTradeQuery, Query()]) -> Page[ToldTradeRead]:
    """The latest first."""
    return await logic.read_page(work.session, query)


@router.get("/efficiency", summary="Read turnover against trading credit")
async def read_efficiency(
    work: Reading, query: Annotated[CreditEfficiencyQuery, Query()]
) -> Page[CreditEfficiencyRead]:
    """Members who had trading credit in the period, and their turnover for each hundred rials of it."""
    return await efficiency.read_page(work.session, query)


@router.post(
    "/symbols",
    status_code=201,
    summary="Put a symbol on the list of risky ones",
    responses=problem_responses(problems.SymbolListed),
)
async def list_symbol(work: Writing, wanted: RiskySymbolCreate) -> RiskySymbolRead:
    """Whoever buys it from now on is warned."""
    return logic.shown_symbol(await logic.list_symbol(work.session, wanted))


@router.get("/symbols", summary="List risky symbols")
async def list_symbols(work: Reading, query: Annotated[RiskySymbolQuery, Query()]) -> Page[RiskySymbolRead]:
    """The latest first."""
    return await logic.read_symbols(work.session, query)


@router.get(
    "/symbols/{symbol_id}",
    summary="Read a risky symbol",
    responses=problem_responses(problems.SymbolNotFound),
)
async def read_symbol(work: Reading, symbol_id: IdInPath, response: Response) -> RiskySymbolRead:
    """One by id."""
    row = await logic.find_symbol(work.session, symbol_id)
    response.headers["ETag"] = etag(row)
    return logic.shown_symbol(row)


@router.patch(
    "/symbols/{symbol_id}",
    summary="Change a risky symbol",
    responses=problem_responses(problems.SymbolNotFound, ChangedMeanwhile),
)
async def change_symbol(
    work: Writing, symbol_id: IdInPath, if_match: IfMatch, wanted: RiskySymbolUpdate, response: Response
) -> RiskySymbolRead:
    """Its level and what buyers read."""
    row = await logic.change_symbol(work.session, symbol_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return logic.shown_symbol(row)


@router.delete(
    "/symbols/{symbol_id}",
    status_code=204,
    summary="Take a symbol off the list of risky ones",
    responses=problem_responses(problems.SymbolNotFound, ChangedMeanwhile),
)
async def unlist_symbol(work: Writing, symbol_id: IdInPath, if_match: IfMatch) -> None:
    """Nobody is warned of it any more."""
    await logic.unlist_symbol(work.session, symbol_id, if_match)
