"""Endpoints of the transactions service."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.work import ReadWork, reads
from host_api.services.transactions import access, logic
from host_api.services.transactions.listing import RRN_PATTERN, TransactionFilters, TransactionQuery
from host_api.services.transactions.schemas import TotalsRead, TransactionRead
from host_api.services.transactions.totals import totals

router = APIRouter(tags=["transactions"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]


@router.get("/transactions", summary="List transactions")
async def list_transactions(
    work: Reading, query: Annotated[TransactionQuery, Query()]
) -> Page[TransactionRead]:
    """Transactions, latest first, as last projected from the switch's journal.

    Find them by RRN, by terminal with STAN and day, by card, member, merchant, branch, amount, answer,
    operation, standing, rule and period.
    """
    return await logic.read_page(work.session, query)


@router.get("/transactions/totals", summary="Sum transactions up")
async def read_totals(work: Reading, query: Annotated[TransactionFilters, Query()]) -> TotalsRead:
    """Count and sums of what the list's filters find, by operation; of the latest 100,000 at most."""
    return await totals(work.session, query)


@router.get(
    "/transactions/{rrn}",
    summary="Read a transaction",
    responses=problem_responses(logic.TransactionNotFound),
)
async def read_transaction(work: Reading, rrn: Annotated[str, Path(pattern=RRN_PATTERN)]) -> TransactionRead:
    """One transaction by its RRN."""
    return await logic.read(work.session, rrn)
