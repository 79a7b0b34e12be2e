"""Endpoints of exchanges, statements, settlements and clearing."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.coalition import access, clearing, exchanges, problems, statements
from host_api.services.coalition.exchange_schemas import (
    ClubClearing,
    ClubExchangeCreate,
    ClubExchangeRead,
    ClubSettlementCreate,
    ClubSettlementRead,
    ClubStatementCreate,
    ClubStatementRead,
)
from host_api.services.coalition.listing import (
    ClearingQuery,
    ClubExchangeExportQuery,
    ClubExchangeQuery,
    ClubSettlementQuery,
    ClubStatementQuery,
)

router = APIRouter(prefix="/coalition", tags=["coalition"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]

_COLUMNS: Final = (
    ("id", "Exchange", "مبادله"),
    ("club_id", "Club", "باشگاه"),
    ("reference", "Reference", "شمارهٔ مشترک"),
    ("member_id", "Member", "عضو"),
    ("is_outgoing", "Outgoing", "صادره"),
    ("state", "State", "وضعیت"),
    ("own_units", "Units here", "امتیاز این باشگاه"),
    ("partner_units", "Units there", "امتیاز باشگاه دیگر"),
    ("rials", "Rials", "ریال"),
    ("done_at", "Done", "زمان انجام"),
    ("rrn", "RRN", "شمارهٔ مرجع"),
)
add_export(
    router,
    list_export("exchanges", ClubExchangeExportQuery, _COLUMNS, exchanges.read_after),
    ClubExchangeExportQuery,
    access.READ,
)


@router.post(
    "/exchanges",
    status_code=201,
    summary="Exchange a member's units for another club's",
    responses=problem_responses(
        problems.ClubContractNotFound,
        problems.ClubContractNotOpen,
        problems.ClubNotOpen,
        problems.ClubMemberNotActive,
        problems.ClubLinkMissing,
        problems.LessThanALot,
    ),
)
async def ask_exchange(work: Acting, wanted: ClubExchangeCreate) -> ClubExchangeRead:
    """Whole lots only: `remainder_units` stay with the member. What the other club refuses goes back."""
    return await exchanges.ask(work.session, work.caller, wanted)


@router.get("/exchanges", summary="List exchanges with clubs")
async def list_exchanges(
    work: Reading, query: Annotated[ClubExchangeQuery, Query()]
) -> Page[ClubExchangeRead]:
    """Outgoing and incoming, the latest first."""
    return await exchanges.read_page(work.session, query)


@router.get(
    "/exchanges/{exchange_id}",
    summary="Read an exchange with a club",
    responses=problem_responses(problems.ExchangeNotFound),
)
async def read_exchange(work: Reading, exchange_id: IdInPath) -> ClubExchangeRead:
    """One exchange by id."""
    return await exchanges.read(work.session, exchange_id)


@router.post(
    "/exchanges/{exchange_id}/return",
    summary="Give an exchange's units back again",
    responses=problem_responses(problems.ExchangeNotFound, problems.ExchangeNotReturnable),
)
async def return_again(work: Writing, exchange_id: IdInPath) -> ClubExchangeRead:
    """For one that is `unreturned`: the switch refused to give its units back, and is asked again."""
    return await exchanges.return_again(work.session, exchange_id)


@router.post(
    "/statements",
    status_code=201,
    summary="Propose a statement to a club",
    responses=problem_responses(problems.ClubNotFound, problems.ClubStatementPeriod),
)
async def propose_statement(work: Writing, wanted: ClubStatementCreate) -> ClubStatementRead:
    """From the end of the last agreed one. `differs`: letters were on their way; propose it again."""
    return await statements.propose(work.session, wanted)


@router.get("/statements", summary="List statements with clubs")
async def list_statements(
    work: Reading, query: Annotated[ClubStatementQuery, Query()]
) -> Page[ClubStatementRead]:
    """The latest first; their lines are in `exchanges/export`."""
    return await statements.read_page(work.session, query)


@router.get(
    "/statements/{statement_id}",
    summary="Read a statement with a club",
    responses=problem_responses(problems.ClubStatementNotFound),
)
async def read_statement(work: Reading, statement_id: IdInPath) -> ClubStatementRead:
    """One statement by id."""
    return await statements.read(work.session, statement_id)


@router.post(
    "/settlements",
    status_code=201,
    summary="Tell that a statement was paid",
    responses=problem_responses(problems.ClubStatementNotFound, problems.ClubStatementNotAgreed),
)
async def ask_settlement(work: Writing, wanted: ClubSettlementCreate) -> ClubSettlementRead:
    """A second person confirms it; each club does so for itself."""
    return await statements.ask_settlement(work.session, work.caller, wanted)


@router.get("/settlements", summary="List settlements with clubs")
async def list_settlements(
    work: Reading, query: Annotated[ClubSettlementQuery, Query()]
) -> Page[ClubSettlementRead]:
    """The latest first."""
    return await statements.read_settlements(work.session, query)


@router.post(
    "/settlements/{settlement_id}/approval",
    summary="Confirm a settlement",
    responses=problem_responses(problems.ClubSettlementNotFound, AlreadyDecided, OwnAct),
)
async def approve_settlement(work: Deciding, settlement_id: IdInPath) -> ClubSettlementRead:
    """What was owed for the period is owed no more."""
    return await statements.decide_settlement(work.session, work.caller, settlement_id, is_paid=True)


@router.post(
    "/settlements/{settlement_id}/rejection",
    summary="Turn a settlement down",
    responses=problem_responses(problems.ClubSettlementNotFound, AlreadyDecided, OwnAct),
)
async def reject_settlement(work: Deciding, settlement_id: IdInPath) -> ClubSettlementRead:
    """The statement stays agreed, and can be settled anew."""
    return await statements.decide_settlement(work.session, work.caller, settlement_id, is_paid=False)


@router.get("/clearing", summary="Read positions with each club")
async def read_clearing(work: Reading, query: Annotated[ClearingQuery, Query()]) -> ClubClearing:
    """What was exchanged on the days `from` and `to` and between, by partner club."""
    return await clearing.of_club(work.session, query)


@router.get("/clearing/all", summary="Read every pair's position")
async def read_clearing_of_all(work: Reading, query: Annotated[ClearingQuery, Query()]) -> ClubClearing:
    """Of all clubs of this installation; from the first programme only."""
    return await clearing.of_all(work.session, work.caller, query)
