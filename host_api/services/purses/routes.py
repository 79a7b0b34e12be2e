"""Endpoints of the purses service."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.purses import access, logic
from host_api.services.purses.listing import PurseConversionQuery
from host_api.services.purses.schemas import (
    HoldingsRead,
    PurseCatalogue,
    PurseConversionCreate,
    PurseConversionRead,
)
from host_api.services.rules.member_page.logic import RulesNotKnownHere
from host_api.services.rules.publications.problems import InForceUnknown

router = APIRouter(tags=["purses"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(PurseConversionRead)


@router.get(
    "/purses", summary="Read all purses", responses=problem_responses(InForceUnknown, RulesNotKnownHere)
)
async def read_purses(work: Reading) -> PurseCatalogue:
    """What members can hold by the rules in force, with its names, and what may be converted into what."""
    return await logic.catalogue(work.session)


@router.get("/purses/conversions", summary="List conversions between purses")
async def list_purse_conversions(
    work: Reading, query: Annotated[PurseConversionQuery, Query()]
) -> Page[PurseConversionRead]:
    """Conversions, the latest first, of all or of one member."""
    return await logic.conversions(work.session, query)


@router.get(
    "/purses/conversions/{conversion_id}",
    summary="Read a conversion between purses",
    responses=problem_responses(logic.PurseConversionNotFound),
)
async def read_purse_conversion(work: Reading, conversion_id: IdInPath) -> PurseConversionRead:
    """One conversion, and what the switch made of it."""
    return await logic.read_conversion(work.session, conversion_id)


@router.get(
    "/members/{member_id}/purses",
    summary="Read a member's purses",
    responses=problem_responses(MemberNotFound, InForceUnknown, RulesNotKnownHere),
)
async def read_member_purses(work: Reading, member_id: IdInPath) -> HoldingsRead:
    """What a member has of every purse, by its name, also of those that are empty."""
    return await logic.holdings(work.session, member_id)


@router.post(
    "/members/{member_id}/purse-conversions",
    status_code=201,
    summary="Convert between purses",
    response_model=PurseConversionRead,
    responses={**_PENDING, **problem_responses(MemberNotFound)},
)
async def convert_purse(
    request: Request, work: Acting, member_id: IdInPath, wanted: PurseConversionCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Turn units of one purse into those of another, as a rule says: 201 tells `done` or `failed`."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    made, request_id = await logic.convert(work.session, member_id, wanted, work.caller)

    async def final() -> PurseConversionRead | None:
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read_conversion(session, made.id)

    return AwaitedAnswer(made, location=f"/v1/purses/conversions/{made.id}", final=final)
