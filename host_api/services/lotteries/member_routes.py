"""Endpoints that an app, a site or a counter calls in members' names."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.draws.problems import DrawPartNotFound
from host_api.services.draws.schemas import DrawPartRead, DrawProofsRead
from host_api.services.lotteries import access, entering, member_view
from host_api.services.lotteries.entry_schemas import (
    LotteryEntryCreate,
    LotteryEntryRead,
    LotteryPublic,
    MyLottery,
)
from host_api.services.lotteries.problems import (
    LotteryEntryNotFound,
    LotteryLimitReached,
    LotteryNotForMember,
    LotteryNotFound,
    LotteryNotOpen,
)
from host_api.services.lotteries.routes import NumberInPath
from host_api.services.lotteries.schemas import MOST_ROUNDS
from host_api.services.members.logic import MemberNotFound

member_router = APIRouter(prefix="/lotteries", tags=["lotteries"], route_class=ServiceRoute)

Looking = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]
After = Annotated[int, Query(ge=-1, le=LARGEST_ID, description="`next_after` of the answer before.")]
PartInPath = Annotated[int, Path(ge=0, le=LARGEST_ID)]

_PENDING = pending_response(LotteryEntryRead, "The switch has not decided yet: look at `Location`")


@member_router.post(
    "/{lottery_id}/entries",
    status_code=201,
    summary="Take tickets of a lottery",
    response_model=LotteryEntryRead,
    responses={
        **_PENDING,
        **problem_responses(
            LotteryNotFound, LotteryNotOpen, LotteryNotForMember, LotteryLimitReached, MemberNotFound
        ),
    },
)
async def enter_lottery(
    request: Request, work: Acting, lottery_id: IdInPath, wanted: LotteryEntryCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Take tickets for a member. 201 tells what came of it: `valid`, or `refused` where the points don't
    suffice; 202 that the payment isn't decided yet."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    entry, request_id = await entering.enter(work.session, lottery_id, wanted, work.caller, utc_now())

    async def final() -> LotteryEntryRead | None:
        if request_id is None:
            return entry
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await entering.read(session, entry.id)

    return AwaitedAnswer(entry, location=f"/v1/lotteries/entries/{entry.id}", final=final)


@member_router.get(
    "/entries/{entry_id}",
    summary="Read an entry of a lottery",
    responses=problem_responses(LotteryEntryNotFound),
)
async def read_entry(work: Looking, entry_id: IdInPath) -> LotteryEntryRead:
    """One entry with its tickets."""
    return await entering.read(work.session, entry_id)


@member_router.get(
    "/{lottery_id}/page",
    summary="Read a lottery's public page",
    responses=problem_responses(LotteryNotFound),
)
async def read_lottery_page(
    work: Looking, lottery_id: IdInPath, number: Annotated[int | None, Query(ge=1, le=MOST_ROUNDS)] = None
) -> LotteryPublic:
    """Rules, commitment, and after the draw all that is needed to check it; of the round that is open, or
    the latest, or the one asked for."""
    return await member_view.public(work.session, work.cipher, lottery_id, number, utc_now())


@member_router.get(
    "/{lottery_id}/rounds/{number}/list/{part}",
    summary="Read the published list of entries",
    responses=problem_responses(LotteryNotFound, DrawPartNotFound),
)
async def read_list(
    work: Looking, lottery_id: IdInPath, number: NumberInPath, part: PartInPath
) -> DrawPartRead:
    """1,024 lines of the closed list: tickets and participants by names that only they know to be theirs."""
    return await member_view.part(work.session, lottery_id, number, part)


@member_router.get(
    "/{lottery_id}/members/{member_id}",
    summary="Read what a member has in a lottery",
    responses=problem_responses(LotteryNotFound, MemberNotFound),
)
async def read_my_lottery(work: Looking, lottery_id: IdInPath, member_id: IdInPath) -> MyLottery:
    """Tickets taken, what may still be taken today, and tickets that have won."""
    return await member_view.mine(work.session, lottery_id, member_id, utc_now())


@member_router.get(
    "/{lottery_id}/rounds/{number}/members/{member_id}/proofs",
    summary="Read proofs for a member's tickets",
    responses=problem_responses(LotteryNotFound),
)
async def read_proofs(
    work: Looking, lottery_id: IdInPath, number: NumberInPath, member_id: IdInPath, after: After = -1
) -> DrawProofsRead:
    """That the member's tickets stand in the list under the published digest; check them with
    `verify_draw.py`."""
    return await member_view.proofs(work.session, lottery_id, number, member_id, after)
