"""Endpoints of the cards service."""

from fastapi import APIRouter

from host_api.core.errors import problem_responses
from host_api.core.pagination import Cursor, Limit, Page, position_of
from host_api.core.path_ids import IdInPath, IdInQuery
from host_api.core.sessions import ReadSessionDependency, WriteSessionDependency
from host_api.services.cards import logic
from host_api.services.cards.schemas import CardCreate, CardIssued, CardRead
from host_api.services.members.logic import MemberNotFound

router = APIRouter(tags=["cards"])


@router.post(
    "/cards",
    status_code=201,
    summary="Issue a card",
    responses=problem_responses(MemberNotFound, logic.CardNumberTaken),
)
async def create_card(session: WriteSessionDependency, wanted: CardCreate) -> CardIssued:
    """Give a member or the stock a card. Only this answer has the whole number; elsewhere it is masked."""
    return await logic.create(session, wanted)


@router.get("/cards", summary="List cards")
async def list_cards(
    session: ReadSessionDependency, member_id: IdInQuery = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[CardRead]:
    """Cards in the order of issue, numbers masked."""
    return await logic.read_page(session, member_id=member_id, after=position_of(cursor), limit=limit)


@router.get("/cards/{card_id}", summary="Read a card", responses=problem_responses(logic.CardNotFound))
async def read_card(session: ReadSessionDependency, card_id: IdInPath) -> CardRead:
    """One card by id, its number masked."""
    return await logic.read(session, card_id)
