"""Endpoints of the traces service."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from host_api.core.errors import Language, preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.work import ReadWork, reads
from host_api.services.traces import logic
from host_api.services.traces.receipt import NothingPrinted
from host_api.services.traces.schemas import ReceiptRead, TraceRead
from host_api.services.transactions import access
from host_api.services.transactions.listing import RRN_PATTERN
from host_api.services.transactions.logic import TransactionNotFound

router = APIRouter(prefix="/transactions/{rrn}", tags=["traces"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Rrn = Annotated[
    str, Path(pattern=RRN_PATTERN, description="Field 37 of the reply; it stands on the receipt.")
]


@router.get("/trace", summary="Trace a transaction", responses=problem_responses(TransactionNotFound))
async def read_trace(work: Reading, rrn: Rrn) -> TraceRead:
    """The whole story of one transaction: request, decision and what the code means, each rule's grant with
    its words, transfers and lots, business day, what undid or returned it, the request it came from,
    disputes."""
    return await logic.trace(work.session, rrn, work.caller)


@router.get(
    "/receipt",
    summary="Read a receipt again",
    responses=problem_responses(TransactionNotFound, NothingPrinted),
)
async def read_receipt(
    request: Request,
    work: Reading,
    rrn: Rrn,
    language: Annotated[
        Language | None, Query(description="`fa` or `en`; left out, by Accept-Language.")
    ] = None,
) -> ReceiptRead:
    """A copy of what the terminal printed, as lines and as text; Persian from right to left."""
    chosen = language or preferred_language(request.headers.get("accept-language"))
    return await logic.receipt(work.session, rrn, chosen, work.caller)
