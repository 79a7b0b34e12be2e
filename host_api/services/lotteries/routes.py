"""Endpoints for people of the club: defining lotteries, seeing to their draws."""

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
from host_api.services.draws import logic as draws
from host_api.services.draws.problems import DrawTakesNoValue
from host_api.services.draws.schemas import DrawValueCreate
from host_api.services.lotteries import access, definitions, drawing, entering, jobs, member_view
from host_api.services.lotteries.entry_schemas import LotteryEntryRead
from host_api.services.lotteries.listing import EntryQuery, LotteryQuery
from host_api.services.lotteries.problems import (
    LotteryAlreadyDrawn,
    LotteryEndsInThePast,
    LotteryEntryNotFound,
    LotteryNotFound,
)
from host_api.services.lotteries.schemas import (
    MOST_ROUNDS,
    LotteryAwardAgain,
    LotteryCancel,
    LotteryCopy,
    LotteryCreate,
    LotteryRead,
    LotteryRoundRead,
    LotteryRoundsRead,
    LotteryUpdate,
    LotteryWins,
)
from host_api.services.prizes.logic import PrizeNotFound

router = APIRouter(prefix="/lotteries", tags=["lotteries"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
NumberInPath = Annotated[int, Path(ge=1, le=MOST_ROUNDS, description="Of the round, from 1.")]
RankInPath = Annotated[int, Path(ge=1, le=draws.MOST_WINNERS)]


@router.post(
    "",
    status_code=201,
    summary="Make a lottery",
    responses=problem_responses(LotteryEndsInThePast, PrizeNotFound),
)
async def create_lottery(work: Writing, response: Response, wanted: LotteryCreate) -> LotteryRead:
    """Store a lottery. The commitment of each of its draws is public from now on; it opens and is drawn by
    itself. What members rely on can't be changed afterwards."""
    lottery = await definitions.create(work.session, work.cipher, wanted, work.caller, utc_now())
    response.headers["ETag"] = etag(lottery)
    return await definitions.shown(work.session, lottery, utc_now())


@router.get("", summary="List lotteries")
async def list_lotteries(work: Reading, query: Annotated[LotteryQuery, Query()]) -> Page[LotteryRead]:
    """Lotteries, the latest first."""
    return await definitions.read_page(work.session, query, utc_now())


@router.get("/entries", summary="List entries of lotteries")
async def list_entries(work: Reading, query: Annotated[EntryQuery, Query()]) -> Page[LotteryEntryRead]:
    """Entries with what was paid for them, the latest first."""
    return await entering.read_page(work.session, query)


@router.post(
    "/entries/{entry_id}/refund",
    status_code=201,
    summary="Refund an entry again",
    responses=problem_responses(LotteryEntryNotFound),
)
async def refund_entry_again(work: Deciding, entry_id: IdInPath) -> LotteryEntryRead:
    """Ask the switch once more to give back what an `unrefunded` entry has cost."""
    return await entering.refund_again(work.session, entry_id)


@router.get("/{lottery_id}", summary="Read a lottery", responses=problem_responses(LotteryNotFound))
async def read_lottery(work: Reading, response: Response, lottery_id: IdInPath) -> LotteryRead:
    """One lottery, with the `ETag` that a change needs."""
    lottery = await definitions.find(work.session, lottery_id)
    response.headers["ETag"] = etag(lottery)
    return await definitions.shown(work.session, lottery, utc_now())


@router.patch(
    "/{lottery_id}",
    summary="Change a lottery",
    responses=problem_responses(LotteryNotFound, ChangedMeanwhile),
)
async def change_lottery(
    work: Writing, response: Response, lottery_id: IdInPath, if_match: IfMatch, wanted: LotteryUpdate
) -> LotteryRead:
    """Change what is only shown."""
    lottery = await definitions.change(work.session, lottery_id, if_match, wanted)
    response.headers["ETag"] = etag(lottery)
    return await definitions.shown(work.session, lottery, utc_now())


@router.post(
    "/{lottery_id}/copies",
    status_code=201,
    summary="Copy a lottery",
    responses=problem_responses(LotteryNotFound, LotteryEndsInThePast, PrizeNotFound),
)
async def copy_lottery(
    work: Writing, response: Response, lottery_id: IdInPath, wanted: LotteryCopy
) -> LotteryRead:
    """The same lottery at another time, as next year's Yalda, with seeds of its own."""
    lottery = await definitions.copy(
        work.session, work.cipher, lottery_id, wanted, caller=work.caller, now=utc_now()
    )
    response.headers["ETag"] = etag(lottery)
    return await definitions.shown(work.session, lottery, utc_now())


@router.post(
    "/{lottery_id}/cancellation",
    status_code=201,
    summary="Cancel a lottery",
    responses=problem_responses(LotteryNotFound, LotteryAlreadyDrawn),
)
async def cancel_lottery(work: Deciding, lottery_id: IdInPath, wanted: LotteryCancel) -> LotteryRead:
    """Give up the draws that were not held. What their tickets cost goes back with the expiry that it had;
    ask again to repeat refunds that the switch declined."""
    lottery = await definitions.cancel(work.session, lottery_id, wanted, work.caller, utc_now())
    jobs.draw_soon(work.session, work.caller)
    return await definitions.shown(work.session, lottery, utc_now())


@router.get(
    "/{lottery_id}/rounds", summary="List rounds of a lottery", responses=problem_responses(LotteryNotFound)
)
async def list_rounds(
    work: Reading, lottery_id: IdInPath, after: Annotated[int, Query(ge=0, le=MOST_ROUNDS)] = 0
) -> LotteryRoundsRead:
    """Up to a hundred rounds behind a number, with how their draws stand."""
    return LotteryRoundsRead(rounds=await member_view.rounds(work.session, lottery_id, after))


@router.post(
    "/{lottery_id}/rounds/{number}/public-value",
    status_code=201,
    summary="Enter the public value of a draw",
    responses=problem_responses(LotteryNotFound, DrawTakesNoValue, OwnAct),
)
async def enter_lottery_value(
    work: Deciding, lottery_id: IdInPath, number: NumberInPath, wanted: DrawValueCreate
) -> LotteryRoundRead:
    """Enter the announced value as it was published; another person than who made the lottery does it, once
    the list of entries is closed. The draw follows at once."""
    here = await definitions.find_round(work.session, lottery_id, number)
    await draws.enter_public_value(work.session, here.draw_id, wanted.value, work.caller, utc_now())
    jobs.draw_soon(work.session, work.caller)
    return await member_view.shown_round(work.session, here)


@router.get(
    "/{lottery_id}/rounds/{number}/wins",
    summary="List winners of a draw",
    responses=problem_responses(LotteryNotFound),
)
async def list_wins(
    work: Reading,
    lottery_id: IdInPath,
    number: NumberInPath,
    after: Annotated[int, Query(ge=0, le=draws.MOST_WINNERS)] = 0,
) -> LotteryWins:
    """Winners behind a rank, with what became of their prizes."""
    return await member_view.wins(work.session, lottery_id, number, after)


@router.post(
    "/{lottery_id}/rounds/{number}/wins/{rank}/award",
    status_code=201,
    summary="Give a prize that was gone",
    responses=problem_responses(LotteryNotFound, PrizeNotFound),
)
async def award_again(
    work: Writing, lottery_id: IdInPath, number: NumberInPath, rank: RankInPath, wanted: LotteryAwardAgain
) -> LotteryWins:
    """Give a winner the prize whose stock was empty, or another in its place."""
    await drawing.award_again(work.session, lottery_id, number, rank, wanted.prize_id)
    jobs.draw_soon(work.session, work.caller)
    await work.session.flush()
    return await member_view.wins(work.session, lottery_id, number, rank - 1)
