"""Endpoints of the transactions service."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime

from host_api.core.error_handlers import field_problem
from host_api.core.errors import ValidationFailed, problem_responses
from host_api.core.pagination import Cursor, Limit, Page, position_of
from host_api.core.path_ids import IdInQuery
from host_api.core.sessions import ReadSessionDependency
from host_api.services.terminals.schemas import TERMINAL_ID_PATTERN
from host_api.services.transactions import logic
from host_api.services.transactions.schemas import TransactionRead

router = APIRouter(tags=["transactions"])

_RRN_PATTERN = r"^[0-9]{12}$"


@router.get("/transactions", summary="List transactions")
async def list_transactions(  # noqa: PLR0917  (FastAPI passes each by name)
    session: ReadSessionDependency,
    member_id: IdInQuery = None,
    terminal_id: Annotated[str | None, Query(pattern=TERMINAL_ID_PATTERN)] = None,
    rrn: Annotated[str | None, Query(pattern=_RRN_PATTERN)] = None,
    begin: Annotated[
        AwareDatetime | None, Query(alias="from", description="From this instant on (ISO 8601 with offset).")
    ] = None,
    end: Annotated[
        AwareDatetime | None, Query(alias="to", description="Before this instant (ISO 8601 with offset).")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TransactionRead]:
    """Transactions, latest first, as last projected from the switch's journal."""
    if begin is not None and end is not None and end <= begin:
        raise ValidationFailed([field_problem("period", "`to` must be later than `from`", "to", "query")])
    return await logic.read_page(
        session,
        member_id=member_id,
        terminal_id=terminal_id,
        rrn=rrn,
        begin=begin,
        end=end,
        before=position_of(cursor),
        limit=limit,
    )


@router.get(
    "/transactions/{rrn}",
    summary="Read a transaction",
    responses=problem_responses(logic.TransactionNotFound),
)
async def read_transaction(
    session: ReadSessionDependency, rrn: Annotated[str, Path(pattern=_RRN_PATTERN)]
) -> TransactionRead:
    """One transaction by its RRN."""
    return await logic.read(session, rrn)
