"""Endpoints that change a card's state."""

from typing import Annotated

from fastapi import APIRouter

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.path_ids import IdInPath
from host_api.core.work import WriteWork, writes
from host_api.services.cards import access
from host_api.services.cards.lifecycle import logic
from host_api.services.cards.lifecycle.change import TransitionNotAllowed
from host_api.services.cards.problems import CardNotFound, NoCardInStock
from host_api.services.cards.products.problems import ProductNotFound, ProductRetired
from host_api.services.cards.schemas import (
    CardBlock,
    CardDestruction,
    CardRead,
    CardRelease,
    CardReplaced,
    CardReplacement,
)
from host_api.services.merchants.logic import BranchNotFound

router = APIRouter(prefix="/cards/{card_id}", tags=["cards"], route_class=ServiceRoute)

Writing = Annotated[WriteWork, writes(access.WRITE)]

_PROBLEMS = problem_responses(CardNotFound, TransitionNotAllowed)


@router.post("/block", summary="Hot-list a card", responses=_PROBLEMS)
async def block_card(work: Writing, card_id: IdInPath, wanted: CardBlock) -> CardRead:
    """Have every terminal refuse the card, and all codes that stand for it."""
    return await logic.block(work.session, work.cipher, work.caller, card_id, wanted)


@router.post("/release", summary="Take a card off the hot list", responses=_PROBLEMS)
async def release_card(work: Writing, card_id: IdInPath, wanted: CardRelease) -> CardRead:
    """Make a blocked card good again; one that was stolen stays blocked."""
    return await logic.release(work.session, work.cipher, work.caller, card_id, wanted)


@router.post("/destruction", summary="Write a card off", responses=_PROBLEMS)
async def destroy_card(work: Writing, card_id: IdInPath, wanted: CardDestruction) -> CardRead:
    """The card is no more; the switch forgets it."""
    return await logic.destroy(work.session, work.cipher, work.caller, card_id, wanted)


@router.post(
    "/replacement",
    status_code=201,
    summary="Replace a card",
    responses=problem_responses(
        CardNotFound, TransitionNotAllowed, NoCardInStock, ProductNotFound, ProductRetired, BranchNotFound
    ),
)
async def replace_card(work: Writing, card_id: IdInPath, wanted: CardReplacement) -> CardReplaced:
    """Give the holder a duplicate and hot-list this card. What is on a gift card goes over to the new one."""
    return await logic.replace(work.session, work.cipher, work.caller, card_id, wanted)
