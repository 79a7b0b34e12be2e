"""Endpoints that an app, a site or a counter calls in members' names."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.draws import publication
from host_api.services.draws.problems import DrawPartNotFound
from host_api.services.draws.schemas import DrawPartRead, DrawProofsRead, DrawRead
from host_api.services.festivals import access, awards, taking_part
from host_api.services.festivals.problems import (
    FestivalAwardNotFound,
    FestivalNotForMember,
    FestivalNotFound,
    FestivalNotOpen,
    NotInFestival,
)
from host_api.services.festivals.routes import NumberInPath
from host_api.services.festivals.schemas import FestivalBoardRead, FestivalMemberCreate, MyFestival
from host_api.services.members.logic import MemberNotFound

member_router = APIRouter(prefix="/festivals", tags=["festivals"], route_class=ServiceRoute)

Looking = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]


@member_router.post(
    "/{festival_id}/members",
    status_code=201,
    summary="Take part in a festival",
    responses=problem_responses(FestivalNotFound, FestivalNotOpen, FestivalNotForMember, MemberNotFound),
)
async def join_festival(work: Acting, festival_id: IdInPath, wanted: FestivalMemberCreate) -> MyFestival:
    """Have a member take part, which only the member decides; what they bought since it started counts."""
    return await taking_part.join(work.session, festival_id, wanted.member_id, utc_now())


@member_router.delete(
    "/{festival_id}/members/{member_id}",
    status_code=204,
    summary="Leave a festival",
    responses=problem_responses(FestivalNotFound, NotInFestival),
)
async def leave_festival(work: Acting, festival_id: IdInPath, member_id: IdInPath) -> None:
    """Have a member no longer take part; what they won before stays theirs."""
    await taking_part.leave(work.session, festival_id, member_id)


@member_router.get(
    "/{festival_id}/members/{member_id}",
    summary="Read where a member stands",
    responses=problem_responses(FestivalNotFound, NotInFestival),
)
async def read_my_festival(work: Looking, festival_id: IdInPath, member_id: IdInPath) -> MyFestival:
    """A member's score and places, with the neighbours on both sides."""
    return await taking_part.mine(work.session, festival_id, member_id)


@member_router.get(
    "/{festival_id}/board", summary="Read the leaderboard", responses=problem_responses(FestivalNotFound)
)
async def read_board(
    work: Looking,
    festival_id: IdInPath,
    category: Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> FestivalBoardRead:
    """The best of all, or of a category; names by their initials."""
    return await taking_part.top(work.session, festival_id, category, limit)


@member_router.get(
    "/{festival_id}/awards/{number}/draw",
    summary="Read the public page of an award's draw",
    responses=problem_responses(FestivalAwardNotFound),
)
async def read_award_draw(work: Looking, festival_id: IdInPath, number: NumberInPath) -> DrawRead:
    """The commitment, and after the draw all that is needed to check it."""
    draw_id = await awards.find_draw(work.session, festival_id, number)
    return await publication.shown(work.session, work.cipher, draw_id)


@member_router.get(
    "/{festival_id}/awards/{number}/draw/list/{part}",
    summary="Read the published list of an award's draw",
    responses=problem_responses(FestivalAwardNotFound, DrawPartNotFound),
)
async def read_award_list(
    work: Looking,
    festival_id: IdInPath,
    number: NumberInPath,
    part: Annotated[int, Path(ge=0, le=LARGEST_ID)],
) -> DrawPartRead:
    """1,024 lines of the closed list: participants by names that only they know to be theirs."""
    return await publication.part(
        work.session, await awards.find_draw(work.session, festival_id, number), part
    )


@member_router.get(
    "/{festival_id}/awards/{number}/draw/members/{member_id}/proofs",
    summary="Read the proof that a member is in an award's draw",
    responses=problem_responses(FestivalAwardNotFound),
)
async def read_award_proofs(
    work: Looking, festival_id: IdInPath, number: NumberInPath, member_id: IdInPath
) -> DrawProofsRead:
    """That the member stands in the list under the published digest; check it with `verify_draw.py`."""
    draw_id = await awards.find_draw(work.session, festival_id, number)
    return await publication.proofs(work.session, draw_id, member_id)
