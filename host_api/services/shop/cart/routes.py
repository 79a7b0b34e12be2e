"""Endpoints of carts."""

from typing import Annotated

from fastapi import APIRouter

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.shop import access
from host_api.services.shop.cart import logic
from host_api.services.shop.cart.schemas import CartLineSet, CartRead
from host_api.services.shop.catalogue.problems import ItemNotFound, SlotNotFound
from host_api.services.shop.order.problems import CartFull

router = APIRouter(tags=["shop"], route_class=ServiceRoute)


@router.get("/members/{member_id}/cart", summary="Read a cart", responses=problem_responses(MemberNotFound))
async def read_cart(work: Annotated[ReadWork, reads(access.ACT)], member_id: IdInPath) -> CartRead:
    """What is in a member's cart, and what it costs now."""
    return await logic.read(work.session, member_id)


@router.put(
    "/members/{member_id}/cart/{item_id}",
    summary="Put an item into a cart",
    responses=problem_responses(MemberNotFound, ItemNotFound, SlotNotFound, CartFull),
)
async def put_into_cart(
    work: Annotated[WriteWork, writes(access.ACT)],
    member_id: IdInPath,
    item_id: IdInPath,
    wanted: CartLineSet,
) -> CartRead:
    """Say how many of an item the member wants; nothing is kept back for them before they order."""
    return await logic.put(work.session, member_id, item_id, wanted)
