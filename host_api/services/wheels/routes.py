"""Endpoints of the wheels service."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.prizes.logic import PrizeNotFound
from host_api.services.wheels import access, logic, problems, spinning
from host_api.services.wheels.listing import SpinQuery, WheelQuery
from host_api.services.wheels.schemas import (
    OddsRead,
    SpinCreate,
    SpinGrantCreate,
    SpinGrantRead,
    SpinRead,
    SpinsLeft,
    WheelCreate,
    WheelRead,
    WheelUpdate,
)

router = APIRouter(tags=["wheels"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(SpinRead)


@router.post("/wheels", status_code=201, summary="Make a wheel", responses=problem_responses(PrizeNotFound))
async def create_wheel(work: Writing, response: Response, wanted: WheelCreate) -> WheelRead:
    """Store a draft; it can be spun from `starts_at` on, once it is published."""
    wheel, response.headers["ETag"] = await logic.create(work.session, wanted, work.caller)
    return wheel


@router.get("/wheels", summary="List wheels")
async def list_wheels(work: Reading, query: Annotated[WheelQuery, Query()]) -> Page[WheelRead]:
    """Wheels with their odds, the latest first."""
    return await logic.read_page(work.session, query)


@router.get("/wheels/{wheel_id}", summary="Read a wheel", responses=problem_responses(problems.WheelNotFound))
async def read_wheel(work: Reading, response: Response, wheel_id: IdInPath) -> WheelRead:
    """One wheel with its odds and what is left, and the `ETag` that a change needs."""
    wheel, response.headers["ETag"] = await logic.read(work.session, wheel_id)
    return wheel


@router.patch(
    "/wheels/{wheel_id}",
    summary="Change a wheel",
    responses=problem_responses(
        problems.WheelNotFound, problems.WheelElsewhere, PrizeNotFound, ChangedMeanwhile
    ),
)
async def change_wheel(
    work: Writing, response: Response, wheel_id: IdInPath, if_match: IfMatch, wanted: WheelUpdate
) -> WheelRead:
    """Change what is given. Other slices are other odds: spins before keep theirs."""
    wheel, response.headers["ETag"] = await logic.change(
        work.session, wheel_id, if_match, wanted, work.caller
    )
    return wheel


@router.post(
    "/wheels/{wheel_id}/publication",
    status_code=201,
    summary="Publish a wheel",
    responses=problem_responses(problems.WheelNotFound, problems.WheelElsewhere),
)
async def publish_wheel(work: Writing, response: Response, wheel_id: IdInPath) -> WheelRead:
    """Have a draft open at `starts_at` and end at `ends_at` by itself."""
    wheel, response.headers["ETag"] = await logic.publish(work.session, wheel_id)
    return wheel


@router.post(
    "/wheels/{wheel_id}/withdrawal",
    status_code=201,
    summary="Withdraw a wheel",
    responses=problem_responses(problems.WheelNotFound, problems.WheelElsewhere),
)
async def withdraw_wheel(work: Writing, response: Response, wheel_id: IdInPath) -> WheelRead:
    """Let nobody spin from now on; a spin that was paid for before is still drawn."""
    wheel, response.headers["ETag"] = await logic.withdraw(work.session, wheel_id)
    return wheel


@router.get(
    "/wheels/{wheel_id}/odds", summary="List odds", responses=problem_responses(problems.WheelNotFound)
)
async def list_wheel_odds(work: Reading, wheel_id: IdInPath) -> list[OddsRead]:
    """Slices and weights as they were in force, the latest first; spins name theirs."""
    return await logic.read_odds(work.session, wheel_id)


@router.get(
    "/wheels/{wheel_id}/members/{member_id}",
    summary="Read a member's spins",
    responses=problem_responses(problems.WheelNotFound, MemberNotFound),
)
async def read_spins_left(work: Reading, wheel_id: IdInPath, member_id: IdInPath) -> SpinsLeft:
    """How many spins a member has now: free, earned, to be bought."""
    return await spinning.spins_left(work.session, wheel_id, member_id)


@router.post(
    "/wheels/{wheel_id}/grants",
    status_code=201,
    summary="Grant spins",
    responses=problem_responses(
        problems.WheelNotFound, problems.WheelElsewhere, problems.GrantUsedOtherwise, MemberNotFound
    ),
)
async def grant_spins(work: Writing, wheel_id: IdInPath, wanted: SpinGrantCreate) -> SpinGrantRead:
    """Give a member spins, once for each reference of this caller."""
    earned = await logic.grant_spins(
        work.session,
        wheel_id,
        wanted.member_id,
        wanted.count,
        service="back-office",
        reference=f"{work.caller.key}/{wanted.reference}",
        reason=wanted.reason,
    )
    return SpinGrantRead(
        wheel_id=wheel_id,
        member_id=wanted.member_id,
        count=wanted.count,
        reference=wanted.reference,
        earned=earned,
    )


@router.post(
    "/wheels/{wheel_id}/spins",
    status_code=201,
    summary="Spin a wheel",
    response_model=SpinRead,
    responses={
        **_PENDING,
        **problem_responses(
            MemberNotFound,
            problems.WheelNotFound,
            problems.WheelNotOpen,
            problems.WheelNotAdmitted,
            problems.NoSpinLeft,
        ),
    },
)
async def spin_wheel(
    request: Request, work: Acting, wheel_id: IdInPath, wanted: SpinCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Spin for a member: a free spin first, then an earned one, then, with `buy`, one that is paid for. 201
    tells what was drawn; 202 that the switch has not taken the price yet. A repeat with the same
    `Idempotency-Key` is the same spin."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    spin, request_id = await spinning.spin(work.session, wheel_id, wanted, work.caller)

    async def final() -> SpinRead | None:
        if request_id is None:
            return spin
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await spinning.read(session, spin.id)

    return AwaitedAnswer(spin, location=f"/v1/wheel-spins/{spin.id}", final=final)


@router.get("/wheel-spins", summary="List spins")
async def list_wheel_spins(work: Reading, query: Annotated[SpinQuery, Query()]) -> Page[SpinRead]:
    """Spins of a wheel or a member, the latest first."""
    return await spinning.read_page(work.session, query)


@router.get(
    "/wheel-spins/{spin_id}", summary="Read a spin", responses=problem_responses(problems.SpinNotFound)
)
async def read_wheel_spin(work: Reading, spin_id: IdInPath) -> SpinRead:
    """One spin: the number drawn, the odds it was drawn by, and what was given."""
    return await spinning.read(work.session, spin_id)


@router.post(
    "/wheel-spins/{spin_id}/payments",
    status_code=201,
    summary="Pay a spin once more",
    responses=problem_responses(problems.SpinNotFound, problems.WheelElsewhere),
)
async def retry_spin_payment(work: Writing, spin_id: IdInPath) -> SpinRead:
    """Try again to give units that the switch has declined: of a spin that is `unpaid`."""
    return await spinning.pay_again(work.session, spin_id, work.caller)
