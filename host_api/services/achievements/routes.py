"""Endpoints of achievements."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.achievements import access, logic
from host_api.services.achievements.listing import AchievementQuery, AwardQuery
from host_api.services.achievements.schemas import (
    AchievementCreate,
    AchievementRead,
    AchievementUpdate,
    LevelAwardRead,
    MemberProgress,
)
from host_api.services.members.logic import MemberNotFound
from host_api.services.prizes.logic import PrizeNotFound

router = APIRouter(tags=["achievements"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Acting = Annotated[WriteWork, writes(access.ACT)]


@router.post(
    "/achievements",
    status_code=201,
    summary="Add an achievement",
    responses=problem_responses(logic.AchievementExists, PrizeNotFound),
)
async def create_achievement(work: Writing, response: Response, wanted: AchievementCreate) -> AchievementRead:
    """Say what is counted, in which time, and what each level gives."""
    made, response.headers["ETag"] = await logic.create(work.session, wanted)
    return made


@router.get("/achievements", summary="List achievements")
async def list_achievements(
    work: Reading, query: Annotated[AchievementQuery, Query()]
) -> Page[AchievementRead]:
    """All achievements, also those that are over."""
    return await logic.read_page(work.session, query)


@router.get(
    "/achievements/{achievement_id}",
    summary="Read an achievement",
    responses=problem_responses(logic.AchievementNotFound),
)
async def read_achievement(work: Reading, response: Response, achievement_id: IdInPath) -> AchievementRead:
    """One achievement by id."""
    found, response.headers["ETag"] = await logic.read(work.session, achievement_id)
    return found


@router.patch(
    "/achievements/{achievement_id}",
    summary="Change an achievement",
    responses=problem_responses(logic.AchievementNotFound, ChangedMeanwhile),
)
async def change_achievement(
    work: Writing,
    response: Response,
    achievement_id: IdInPath,
    wanted: AchievementUpdate,
    if_match: IfMatch,
) -> AchievementRead:
    """Change its words, its end and whose it is, or stop it; what was reached stays."""
    changed, response.headers["ETag"] = await logic.change(work.session, achievement_id, wanted, if_match)
    return changed


@router.get("/achievement-awards", summary="List levels reached")
async def list_awards(work: Reading, query: Annotated[AwardQuery, Query()]) -> Page[LevelAwardRead]:
    """Who has reached what, the latest first; `prize=gone` are those whose prize was not there."""
    return await logic.read_awards(work.session, query)


@router.get(
    "/members/{member_id}/achievements",
    summary="Read a member's progress",
    responses=problem_responses(MemberNotFound),
)
async def read_progress(work: Reading, member_id: IdInPath) -> MemberProgress:
    """Value, level and the next level of every achievement that is the member's."""
    return await logic.progress(work.session, member_id)


@router.post(
    "/members/{member_id}/achievements/evaluation",
    status_code=201,
    summary="Evaluate a member",
    responses=problem_responses(MemberNotFound),
)
async def evaluate_member(work: Acting, member_id: IdInPath) -> MemberProgress:
    """Give a member at once what they have reached, instead of at night."""
    return await logic.evaluate(work.session, member_id, work.caller)
