"""Endpoints for people of the club: defining festivals and their awards."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.budgets.logic import BudgetExhausted, BudgetNotFound
from host_api.services.draws import logic as draws
from host_api.services.draws.problems import DrawTakesNoValue
from host_api.services.draws.schemas import DrawValueCreate
from host_api.services.festivals import access, awards, definitions, jobs, settlement
from host_api.services.festivals.award_schemas import (
    FestivalAwardCreate,
    FestivalAwardRead,
    FestivalAwardsRead,
    FestivalPrizeInstead,
    FestivalWins,
)
from host_api.services.festivals.listing import FestivalQuery
from host_api.services.festivals.problems import (
    FestivalAwardNotFound,
    FestivalAwardSettled,
    FestivalNotFound,
    FestivalNotOpen,
    FestivalTimesDisagree,
    FestivalWithoutCategories,
)
from host_api.services.festivals.schemas import (
    FestivalCancel,
    FestivalCreate,
    FestivalRead,
    FestivalUpdate,
)
from host_api.services.prizes.logic import PrizeNotFound

router = APIRouter(prefix="/festivals", tags=["festivals"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
NumberInPath = Annotated[
    int, Path(ge=1, le=awards.MOST_AWARDS, description="Of the award in its festival, from 1.")
]


@router.post(
    "", status_code=201, summary="Make a festival", responses=problem_responses(FestivalTimesDisagree)
)
async def create_festival(work: Writing, response: Response, wanted: FestivalCreate) -> FestivalRead:
    """Store a festival. Members may choose to take part from now on; it starts and ends by itself."""
    festival = await definitions.create(work.session, wanted, work.caller, utc_now())
    response.headers["ETag"] = etag(festival)
    return await definitions.shown(work.session, festival, utc_now())


@router.get("", summary="List festivals")
async def list_festivals(work: Reading, query: Annotated[FestivalQuery, Query()]) -> Page[FestivalRead]:
    """Festivals, the latest first."""
    return await definitions.read_page(work.session, query, utc_now())


@router.get("/{festival_id}", summary="Read a festival", responses=problem_responses(FestivalNotFound))
async def read_festival(work: Reading, response: Response, festival_id: IdInPath) -> FestivalRead:
    """One festival, with the `ETag` that a change needs."""
    festival = await definitions.find(work.session, festival_id)
    response.headers["ETag"] = etag(festival)
    return await definitions.shown(work.session, festival, utc_now())


@router.patch(
    "/{festival_id}",
    summary="Change a festival",
    responses=problem_responses(FestivalNotFound, ChangedMeanwhile),
)
async def change_festival(
    work: Writing, response: Response, festival_id: IdInPath, if_match: IfMatch, wanted: FestivalUpdate
) -> FestivalRead:
    """Change what is only shown, and how often the leaderboard is made."""
    festival = await definitions.change(work.session, festival_id, if_match, wanted)
    response.headers["ETag"] = etag(festival)
    return await definitions.shown(work.session, festival, utc_now())


@router.post(
    "/{festival_id}/cancellation",
    status_code=201,
    summary="Cancel a festival",
    responses=problem_responses(FestivalNotFound),
)
async def cancel_festival(work: Deciding, festival_id: IdInPath, wanted: FestivalCancel) -> FestivalRead:
    """Give a festival up with all awards whose winners are not known yet; what is given stays given."""
    festival = await awards.cancel_festival(work.session, festival_id, wanted, utc_now())
    return await definitions.shown(work.session, festival, utc_now())


@router.post(
    "/{festival_id}/awards",
    status_code=201,
    summary="Add an award to a festival",
    responses=problem_responses(
        FestivalNotFound,
        FestivalNotOpen,
        FestivalTimesDisagree,
        FestivalWithoutCategories,
        PrizeNotFound,
        BudgetNotFound,
        BudgetExhausted,
    ),
)
async def create_award(
    work: Writing, festival_id: IdInPath, wanted: FestivalAwardCreate
) -> FestivalAwardRead:
    """A day on which the best of a ranking, or those whom a draw finds, are awarded; a festival may have
    several. It is settled by itself. A draw's commitment is public from now on."""
    return await awards.create(
        work.session, work.cipher, festival_id, wanted, caller=work.caller, now=utc_now()
    )


@router.get(
    "/{festival_id}/awards",
    summary="List awards of a festival",
    responses=problem_responses(FestivalNotFound),
)
async def list_awards(work: Reading, festival_id: IdInPath) -> FestivalAwardsRead:
    """All awards of a festival, with where they stand."""
    await definitions.find(work.session, festival_id)
    found = await awards.of_festival(work.session, festival_id)
    return FestivalAwardsRead(awards=[await awards.shown(work.session, award) for award in found])


@router.post(
    "/{festival_id}/awards/{number}/cancellation",
    status_code=201,
    summary="Cancel an award",
    responses=problem_responses(FestivalAwardNotFound, FestivalAwardSettled),
)
async def cancel_award(work: Deciding, festival_id: IdInPath, number: NumberInPath) -> FestivalAwardRead:
    """Give an award up whose winners are not known yet."""
    return await awards.cancel(work.session, festival_id, number)


@router.post(
    "/{festival_id}/awards/{number}/public-value",
    status_code=201,
    summary="Enter the public value of an award's draw",
    responses=problem_responses(FestivalAwardNotFound, DrawTakesNoValue, OwnAct),
)
async def enter_award_value(
    work: Deciding, festival_id: IdInPath, number: NumberInPath, wanted: DrawValueCreate
) -> FestivalAwardRead:
    """Enter the announced value as it was published; another person than who made the award does it, once
    the list of members is closed. The draw follows at once."""
    draw_id = await awards.find_draw(work.session, festival_id, number)
    await draws.enter_public_value(work.session, draw_id, wanted.value, work.caller, utc_now())
    jobs.settle_soon(work.session, work.caller)
    return await awards.shown(work.session, await awards.find(work.session, festival_id, number))


@router.get(
    "/{festival_id}/awards/{number}/wins",
    summary="List who is awarded",
    responses=problem_responses(FestivalAwardNotFound),
)
async def list_festival_wins(
    work: Reading,
    festival_id: IdInPath,
    number: NumberInPath,
    after_category: Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")] = "",
    after_rank: Annotated[int, Query(ge=0, le=draws.MOST_WINNERS)] = 0,
) -> FestivalWins:
    """Up to 200 of them behind a category and rank, with what became of their prizes."""
    return await settlement.wins_page(
        work.session, festival_id, number, after_category=after_category, after_rank=after_rank
    )


@router.post(
    "/{festival_id}/awards/{number}/prizes",
    status_code=201,
    summary="Give an award's prize that was gone",
    responses=problem_responses(FestivalAwardNotFound, PrizeNotFound),
)
async def give_instead(
    work: Writing, festival_id: IdInPath, number: NumberInPath, wanted: FestivalPrizeInstead
) -> FestivalAwardRead:
    """Give a winner the prize whose stock was empty, or another in its place."""
    await settlement.award_instead(work.session, festival_id, number, wanted)
    jobs.settle_soon(work.session, work.caller)
    return await awards.shown(work.session, await awards.find(work.session, festival_id, number))
