"""Endpoints of supplementary cards."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.cards import access
from host_api.services.cards.family import logic
from host_api.services.cards.family.listing import FamilyCardQuery
from host_api.services.cards.family.schemas import (
    FamilyCardChange,
    FamilyCardCreate,
    FamilyCardIssued,
    FamilyCardRead,
)
from host_api.services.cards.problems import CardNotFound, NoCardInStock
from host_api.services.cards.routes import ISSUE_PROBLEMS

router = APIRouter(tags=["cards"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post(
    "/members/{member_id}/family-cards",
    status_code=201,
    summary="Issue a family card",
    responses=problem_responses(logic.NotForFamilies, logic.NotOneHousehold, NoCardInStock, *ISSUE_PROBLEMS),
)
async def create_family_card(
    work: Writing, member_id: IdInPath, wanted: FamilyCardCreate
) -> FamilyCardIssued:
    """Give somebody of a member's household a supplementary card with limits of its own."""
    return await logic.create(work.session, work.cipher, work.caller, member_id, wanted)


@router.get("/family-cards", summary="List family cards")
async def list_family_cards(
    work: Reading, query: Annotated[FamilyCardQuery, Query()]
) -> Page[FamilyCardRead]:
    """Supplementary cards with their limits, of one household or of all."""
    return await logic.read_page(work.session, query)


@router.get(
    "/family-cards/{card_id}", summary="Read a family card", responses=problem_responses(CardNotFound)
)
async def read_family_card(response: Response, work: Reading, card_id: IdInPath) -> FamilyCardRead:
    """One supplementary card; its `ETag` is wanted to change its limits."""
    found = await logic.read(work.session, card_id)
    response.headers["ETag"] = f'"{found.version}"'
    return found


@router.patch(
    "/family-cards/{card_id}",
    summary="Change a family card's limits",
    responses=problem_responses(CardNotFound, ChangedMeanwhile),
)
async def change_family_card(
    response: Response, work: Writing, card_id: IdInPath, if_match: IfMatch, wanted: FamilyCardChange
) -> FamilyCardRead:
    """Set other limits, or null for none."""
    changed = await logic.change(work.session, card_id, wanted, if_match)
    response.headers["ETag"] = f'"{changed.version}"'
    return changed
