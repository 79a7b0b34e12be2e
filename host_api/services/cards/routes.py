"""Endpoints of cards: issue and reading."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access, logic
from host_api.services.cards.listing import CardQuery, TransitionQuery
from host_api.services.cards.problems import CardNotFound, CardNumberTaken, HolderWanted, NoCardInStock
from host_api.services.cards.products.problems import (
    CardLimitReached,
    MemberMayNotHold,
    ProductNotFound,
    ProductRetired,
)
from host_api.services.cards.schemas import CardCreate, CardIssue, CardIssued, CardRead, TransitionRead
from host_api.services.members.logic import MemberNotFound
from host_api.services.merchants.logic import BranchNotFound

router = APIRouter(tags=["cards"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]

ISSUE_PROBLEMS = (
    MemberNotFound,
    BranchNotFound,
    HolderWanted,
    ProductNotFound,
    ProductRetired,
    MemberMayNotHold,
    CardLimitReached,
)


@router.post(
    "/cards",
    status_code=201,
    summary="Make a card",
    responses=problem_responses(CardNumberTaken, *ISSUE_PROBLEMS),
)
async def create_card(work: Writing, wanted: CardCreate) -> CardIssued:
    """Make a card for a member, or one for the stock. Only this answer has the whole number."""
    return await logic.create(work.session, work.cipher, work.caller, wanted)


@router.post(
    "/cards/issue",
    status_code=201,
    summary="Issue a card of the stock",
    responses=problem_responses(NoCardInStock, *ISSUE_PROBLEMS),
)
async def issue_card(work: Writing, wanted: CardIssue) -> CardRead:
    """Give a member, on the spot, the card with this number or the next free one of the branch."""
    return await logic.issue(work.session, work.cipher, work.caller, wanted)


@router.get("/cards", summary="List cards")
async def list_cards(work: Reading, query: Annotated[CardQuery, Query()]) -> Page[CardRead]:
    """Cards in the order in which they were made, numbers masked."""
    return await logic.read_page(work.session, query)


@router.get("/cards/{card_id}", summary="Read a card", responses=problem_responses(CardNotFound))
async def read_card(work: Reading, card_id: IdInPath) -> CardRead:
    """One card by id, its number masked."""
    return await logic.read(work.session, card_id)


@router.get(
    "/cards/{card_id}/transitions",
    summary="List what became of a card",
    responses=problem_responses(CardNotFound),
)
async def list_transitions(
    work: Reading, card_id: IdInPath, query: Annotated[TransitionQuery, Query()]
) -> Page[TransitionRead]:
    """Each change of the card's state: when, by whom, why, and what it cost; the latest first."""
    return await logic.read_transitions(work.session, card_id, query)
