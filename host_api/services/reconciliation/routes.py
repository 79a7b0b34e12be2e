"""Endpoints of the reconciliation service."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.reconciliation import access, logic
from host_api.services.reconciliation.listing import ReconciliationQuery
from host_api.services.reconciliation.schemas import ReconciliationRead

router = APIRouter(prefix="/reconciliations", tags=["reconciliation"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]

_TIMEOUT_S = 30.0
_PENDING = pending_response(ReconciliationRead, "Kept for a repeat: look again at `Location`")


@router.post(
    "", status_code=201, summary="Reconcile now", response_model=ReconciliationRead, responses=_PENDING
)
async def create_reconciliation(request: Request, work: Writing) -> AwaitedAnswer:
    """Compare the bank of requests, the projection and the switch's own sums, from where the last balanced
    comparison ended, and keep the report; doubtful requests end as the journal has them."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    switch = runtime.switches.of(programme_id)
    report = await logic.begin(work.session, work.caller.name)

    async def final() -> ReconciliationRead:
        return await logic.run(
            runtime.database,
            programme_id,
            report.id,
            feed=switch.settings.feed,
            host_id=switch.settings.host_id,
            settle=switch.ledger_worker.settle,
            timeout_s=_TIMEOUT_S,
        )

    return AwaitedAnswer(report, location=f"/v1/reconciliations/{report.id}", final=final)


@router.get("", summary="List reconciliations")
async def list_reconciliations(
    work: Reading, query: Annotated[ReconciliationQuery, Query()]
) -> Page[ReconciliationRead]:
    """Reports, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/{reconciliation_id}",
    summary="Read a reconciliation",
    responses=problem_responses(logic.ReconciliationNotFound),
)
async def read_reconciliation(work: Reading, reconciliation_id: IdInPath) -> ReconciliationRead:
    """One report by id."""
    return await logic.read(work.session, reconciliation_id)
