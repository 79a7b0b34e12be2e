"""Endpoints of the cards service."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access, logic
from host_api.services.cards.listing import CardQuery
from host_api.services.cards.schemas import CardCreate, CardIssued, CardRead
from host_api.services.members.logic import MemberNotFound

router = APIRouter(tags=["cards"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "/cards",
    status_code=201,
    summary="Issue a card",
    responses=problem_responses(MemberNotFound, logic.CardNumberTaken),
)
async def create_card(work: Writing, wanted: CardCreate) -> CardIssued:
    """Give a member or the stock a card. Only this answer has the whole number; elsewhere it is masked."""
    return await logic.create(work.session, wanted)


@router.get("/cards", summary="List cards")
async def list_cards(work: Reading, query: Annotated[CardQuery, Query()]) -> Page[CardRead]:
    """Cards in the order of issue, numbers masked."""
    return await logic.read_page(work.session, query)


@router.get("/cards/{card_id}", summary="Read a card", responses=problem_responses(logic.CardNotFound))
async def read_card(work: Reading, card_id: IdInPath) -> CardRead:
    """One card by id, its number masked."""
    return await logic.read(work.session, card_id)
