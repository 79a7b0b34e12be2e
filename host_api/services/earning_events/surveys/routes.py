"""Endpoints of surveys."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.earning_events import access
from host_api.services.earning_events.surveys import logic, problems
from host_api.services.earning_events.surveys.listing import AnswerQuery, SurveyQuery
from host_api.services.earning_events.surveys.schemas import (
    AnswerCreate,
    AnswerRead,
    ParticipationRead,
    SurveyCreate,
    SurveyRead,
    SurveyResults,
    SurveyUpdate,
)
from host_api.services.earning_events.telling.problems import MemberMayNotEarn
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/surveys", tags=["surveys"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_SURVEYS)]
Writing = Annotated[WriteWork, writes(access.WRITE_SURVEYS)]
Acting = Annotated[WriteWork, writes(access.ACT_SURVEYS)]


@router.post("", status_code=201, summary="Add a survey")
async def create_survey(work: Writing, response: Response, wanted: SurveyCreate) -> SurveyRead:
    """Write the questions down; members are asked once it is published and its time has come."""
    made, response.headers["ETag"] = await logic.create(work.session, wanted)
    return made


@router.get("", summary="List surveys")
async def list_surveys(work: Reading, query: Annotated[SurveyQuery, Query()]) -> Page[SurveyRead]:
    """Surveys, the latest first."""
    return await logic.read_page(work.session, query)


@router.get("/{survey_id}", summary="Read a survey", responses=problem_responses(problems.SurveyNotFound))
async def read_survey(work: Reading, response: Response, survey_id: IdInPath) -> SurveyRead:
    """One survey by id."""
    found, response.headers["ETag"] = await logic.read(work.session, survey_id)
    return found


@router.patch(
    "/{survey_id}",
    summary="Change or publish a survey",
    responses=problem_responses(
        problems.SurveyNotFound, problems.SurveyIsPublished, problems.SurveyTimes, ChangedMeanwhile
    ),
)
async def change_survey(
    work: Writing, response: Response, survey_id: IdInPath, wanted: SurveyUpdate, if_match: IfMatch
) -> SurveyRead:
    """Change a survey; `is_published` shows it to members, and then its questions stay."""
    changed, response.headers["ETag"] = await logic.change(work.session, survey_id, wanted, if_match)
    return changed


@router.post(
    "/{survey_id}/answers",
    status_code=201,
    summary="Answer a survey",
    responses=problem_responses(
        problems.SurveyNotFound,
        problems.SurveyNotOpen,
        problems.NotAsked,
        problems.AnsweredAlready,
        MemberNotFound,
        MemberMayNotEarn,
    ),
)
async def answer_survey(work: Acting, survey_id: IdInPath, wanted: AnswerCreate) -> ParticipationRead:
    """Take a member's answers, once; they earn by the survey's event also where they are anonymous."""
    return await logic.answer(work.session, survey_id, wanted, work.caller)


@router.get(
    "/{survey_id}/answers",
    summary="List answers",
    responses=problem_responses(problems.SurveyNotFound, problems.AnswersHidden),
)
async def list_answers(
    work: Reading, survey_id: IdInPath, query: Annotated[AnswerQuery, Query()]
) -> Page[AnswerRead]:
    """Answers one by one, free texts among them, in no order of time."""
    return await logic.read_answers(work.session, survey_id, query)


@router.get(
    "/{survey_id}/results", summary="Read results", responses=problem_responses(problems.SurveyNotFound)
)
async def read_results(work: Reading, survey_id: IdInPath) -> SurveyResults:
    """Counts and averages by question, now."""
    return await logic.results(work.session, survey_id)
