"""Endpoints of the scoring of members."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.member_scoring import access, logic, problems, publishing, runs
from host_api.services.member_scoring.listing import ScoredMemberQuery, ScoringModelQuery, ScoringRunQuery
from host_api.services.member_scoring.schemas import (
    ScoredMemberRead,
    ScoreExplained,
    ScoringModelRead,
    ScoringModelWrite,
    ScoringRunRead,
    ScoringTrial,
    ScoringTrialRead,
)

router = APIRouter(prefix="/member-scoring", tags=["member scoring"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Trying = Annotated[ReadWork, reads(access.WRITE)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]


@router.post(
    "/models",
    status_code=201,
    summary="Write a scoring model",
    responses=problem_responses(problems.BandGroupUnfit),
)
async def create_scoring_model(
    work: Writing, response: Response, wanted: ScoringModelWrite
) -> ScoringModelRead:
    """Keep a model; nothing is scored until somebody asks for a run."""
    model = await logic.create(work.session, wanted, work.caller, utc_now())
    response.headers["ETag"] = etag(model)
    return logic.shown(model)


@router.get("/models", summary="List scoring models")
async def list_scoring_models(
    work: Reading, query: Annotated[ScoringModelQuery, Query()]
) -> Page[ScoringModelRead]:
    """Models, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/models/{model_id}", summary="Read a scoring model", responses=problem_responses(problems.ModelNotFound)
)
async def read_scoring_model(work: Reading, response: Response, model_id: IdInPath) -> ScoringModelRead:
    """One model by id, with the `ETag` that a change needs."""
    model = await logic.find(work.session, model_id)
    response.headers["ETag"] = etag(model)
    return logic.shown(model)


@router.put(
    "/models/{model_id}",
    summary="Write a scoring model anew",
    responses=problem_responses(problems.ModelNotFound, problems.BandGroupUnfit, ChangedMeanwhile),
)
async def change_scoring_model(
    work: Writing, response: Response, model_id: IdInPath, if_match: IfMatch, wanted: ScoringModelWrite
) -> ScoringModelRead:
    """Replace all parameters; runs keep those of their time."""
    model = await logic.change(work.session, model_id, if_match, wanted)
    response.headers["ETag"] = etag(model)
    return logic.shown(model)


@router.post(
    "/models/{model_id}/trials",
    summary="Try a scoring model",
    responses=problem_responses(problems.ModelNotFound),
)
async def try_scoring_model(work: Trying, model_id: IdInPath, wanted: ScoringTrial) -> ScoringTrialRead:
    """What some members would score now, and what each indicator adds. Nothing is written."""
    return await logic.try_on(work.session, model_id, wanted, utc_now())


@router.post(
    "/models/{model_id}/runs",
    status_code=201,
    summary="Score all members",
    responses=problem_responses(problems.ModelNotFound, problems.RunUnderWay, problems.BandGroupUnfit),
)
async def ask_scoring_run(work: Writing, model_id: IdInPath) -> ScoringRunRead:
    """Have all active members scored as of now; a job does it. Nobody is told until it is published."""
    return await runs.ask(work.session, model_id, work.caller, utc_now())


@router.get("/runs", summary="List scoring runs")
async def list_scoring_runs(
    work: Reading, query: Annotated[ScoringRunQuery, Query()]
) -> Page[ScoringRunRead]:
    """Runs with their figures, the latest first."""
    return await runs.read_page(work.session, query)


@router.get("/runs/{run_id}", summary="Read a scoring run", responses=problem_responses(problems.RunNotFound))
async def read_scoring_run(work: Reading, run_id: IdInPath) -> ScoringRunRead:
    """One run by id: how far it is, how many members are in each band, what it would award."""
    return runs.shown(await runs.find(work.session, run_id))


@router.post(
    "/runs/{run_id}/publication",
    status_code=201,
    summary="Publish a scoring run",
    responses=problem_responses(
        problems.RunNotFound,
        problems.RunInOtherState,
        problems.AwardCapExceeded,
        problems.BandGroupUnfit,
        OwnAct,
    ),
)
async def publish_scoring_run(work: Deciding, run_id: IdInPath) -> ScoringRunRead:
    """As the second person: put members into their bands' groups, tell and award them, each once."""
    return await publishing.begin(work.session, run_id, work.caller, utc_now())


@router.post(
    "/runs/{run_id}/cancellation",
    status_code=201,
    summary="Drop a scoring run",
    responses=problem_responses(problems.RunNotFound, problems.RunInOtherState),
)
async def drop_scoring_run(work: Writing, run_id: IdInPath) -> ScoringRunRead:
    """End a run that was not published."""
    return await runs.drop(work.session, run_id, utc_now())


@router.get(
    "/runs/{run_id}/members",
    summary="List a scoring run's members",
    responses=problem_responses(problems.RunNotFound),
)
async def list_scored_members(
    work: Reading, run_id: IdInPath, query: Annotated[ScoredMemberQuery, Query()]
) -> Page[ScoredMemberRead]:
    """Scores, bands and awards by member number."""
    return await runs.read_members(work.session, run_id, query)


@router.get(
    "/runs/{run_id}/members/{member_id}",
    summary="Explain a member's score",
    responses=problem_responses(problems.RunNotFound, problems.MemberNotScored),
)
async def explain_score(work: Reading, run_id: IdInPath, member_id: IdInPath) -> ScoreExplained:
    """What was measured of the member then, and what each indicator added."""
    return await runs.explain(work.session, run_id, member_id)
