"""Endpoints of trials."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.rules import access
from host_api.services.rules.job_answer import Waiting, finished
from host_api.services.rules.trials import logic
from host_api.services.rules.trials.listing import RuleTrialQuery
from host_api.services.rules.trials.schemas import (
    RuleCheckCreate,
    RuleExplanationCreate,
    RuleReplayCreate,
    RuleSimulationCreate,
    RuleTrialRead,
)
from host_api.services.rules.versions.logic import VersionNotFound

router = APIRouter(prefix="/rules/trials", tags=["rules"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]

_PENDING = pending_response(RuleTrialRead, "Under way: look again at `Location`")
_RESPONSES: dict[int | str, dict[str, Any]] = {**_PENDING, **problem_responses(VersionNotFound)}


async def _awaited(request: Request, work: WriteWork, asked: logic.Asked, wait_s: int) -> AwaitedAnswer:
    database, programme_id = runtime_of(request).database, work.caller.programme_id
    trial = await logic.ask(work.session, asked, work.caller)

    async def final() -> RuleTrialRead | None:
        return await finished(
            database, programme_id, lambda session: logic.read(session, trial.id), logic.is_over, wait_s
        )

    return AwaitedAnswer(trial, location=f"/v1/rules/trials/{trial.id}", final=final)


@router.post(
    "/checks", status_code=201, summary="Check rules", response_model=RuleTrialRead, responses=_RESPONSES
)
async def check_rules(
    request: Request, work: Writing, asked: RuleCheckCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """All faults, or lints by severity in both languages, the table's digest and size, and the estimated cost
    of 1,000 sales."""
    return await _awaited(request, work, asked, wait_s)


@router.post(
    "/explanations",
    status_code=201,
    summary="Explain a sale",
    response_model=RuleTrialRead,
    responses=_RESPONSES,
)
async def explain_sale(
    request: Request, work: Writing, asked: RuleExplanationCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Which rules give what in a sale and why the others don't, and what the member reads, in both
    languages."""
    return await _awaited(request, work, asked, wait_s)


@router.post(
    "/simulations",
    status_code=201,
    summary="Simulate sales",
    response_model=RuleTrialRead,
    responses=_RESPONSES,
)
async def simulate_sales(
    request: Request, work: Writing, asked: RuleSimulationCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """What many sales give and cost, by rule; against another version also who wins and who loses."""
    return await _awaited(request, work, asked, wait_s)


@router.post(
    "/replays",
    status_code=201,
    summary="Replay past purchases",
    response_model=RuleTrialRead,
    responses={**_PENDING, **problem_responses(VersionNotFound, logic.NoJournalHere)},
)
async def replay_purchases(
    request: Request, work: Writing, asked: RuleReplayCreate, wait_s: Waiting = 0
) -> AwaitedAnswer:
    """What the rules would have made of the journal's purchases: the difference in points, worth and
    liability by rule, member group and branch. Nothing changes anywhere."""
    switch = runtime_of(request).switches.of(work.caller.programme_id)
    if switch.settings.journal_directory is None:
        raise logic.NoJournalHere
    return await _awaited(request, work, asked, wait_s)


@router.get("", summary="List trials")
async def list_trials(work: Reading, query: Annotated[RuleTrialQuery, Query()]) -> Page[RuleTrialRead]:
    """Trials of the last 30 days without their results, the latest first."""
    return await logic.read_page(work.session, query)


@router.get("/{trial_id}", summary="Read a trial", responses=problem_responses(logic.TrialNotFound))
async def read_trial(work: Reading, trial_id: IdInPath) -> RuleTrialRead:
    """One trial with its result; `run_id` is the job's run, which tells its progress."""
    return await logic.read(work.session, trial_id)


@router.post(
    "/{trial_id}/cancellation",
    status_code=201,
    summary="Cancel a trial",
    responses=problem_responses(logic.TrialNotFound),
)
async def cancel_trial(work: Writing, trial_id: IdInPath) -> RuleTrialRead:
    """End a trial that waits or is under way, within seconds; nothing becomes of one that is over."""
    return await logic.cancel(work.session, trial_id)
