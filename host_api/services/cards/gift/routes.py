"""Endpoints of gift cards."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access
from host_api.services.cards.gift import logic
from host_api.services.cards.gift.listing import LoadQuery
from host_api.services.cards.gift.schemas import GiftCardRead, GiftLoadCreate, GiftLoadRead
from host_api.services.cards.problems import CardNotFound
from host_api.services.cards.products.problems import CardLimitReached, ProductNotFound, ProductRetired

router = APIRouter(prefix="/gift-cards", tags=["gift cards"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_GIFT)]
Writing = Annotated[WriteWork, writes(access.WRITE_GIFT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(GiftLoadRead)


@router.get("/loads", summary="List loads")
async def list_loads(work: Reading, query: Annotated[LoadQuery, Query()]) -> Page[GiftLoadRead]:
    """Money taken for gift cards, the latest first."""
    return await logic.read_loads(work.session, query)


@router.get("/loads/{load_id}", summary="Read a load", responses=problem_responses(logic.LoadNotFound))
async def read_load(work: Reading, load_id: IdInPath) -> GiftLoadRead:
    """One load, and what the switch made of it."""
    return await logic.read_load(work.session, load_id)


@router.get(
    "/{card_id}",
    summary="Read a gift card",
    responses=problem_responses(CardNotFound, logic.NotAGiftCard),
)
async def read_gift_card(work: Reading, card_id: IdInPath) -> GiftCardRead:
    """A gift card and what is on it, as the projection has it."""
    return await logic.read(work.session, card_id)


@router.post(
    "/{card_id}/sale",
    status_code=201,
    summary="Sell a gift card",
    response_model=GiftLoadRead,
    responses={
        **_PENDING,
        **problem_responses(
            CardNotFound, logic.NotAGiftCard, ProductNotFound, ProductRetired, CardLimitReached
        ),
    },
)
async def sell_gift_card(
    request: Request, work: Writing, card_id: IdInPath, wanted: GiftLoadCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Make a gift card of the stock good and load it. Where the load fails, the card can be loaded again."""
    made, request_id = await logic.sell(work.session, work.cipher, work.caller, card_id, wanted)
    return _awaited(request, work.caller.programme_id, made, request_id, wait_s)


@router.post(
    "/{card_id}/loads",
    status_code=201,
    summary="Load a gift card",
    response_model=GiftLoadRead,
    responses={**_PENDING, **problem_responses(CardNotFound, logic.NotAGiftCard)},
)
async def load_gift_card(
    request: Request, work: Writing, card_id: IdInPath, wanted: GiftLoadCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Put money on a gift card that was sold."""
    made, request_id = await logic.load_again(work.session, work.cipher, work.caller, card_id, wanted)
    return _awaited(request, work.caller.programme_id, made, request_id, wait_s)


def _awaited(
    request: Request, programme_id: int, made: GiftLoadRead, request_id: int, wait_s: int
) -> AwaitedAnswer:
    runtime = runtime_of(request)

    async def final() -> GiftLoadRead | None:
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read_load(session, made.id)

    return AwaitedAnswer(made, location=f"/v1/gift-cards/loads/{made.id}", final=final)
