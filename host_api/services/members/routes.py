"""Endpoints of the members service."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members import access, logic
from host_api.services.members.listing import MemberQuery
from host_api.services.members.schemas import MemberCreate, MemberRead
from host_api.services.transactions import logic as transactions
from host_api.services.transactions.schemas import BalancesRead

router = APIRouter(tags=["members"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]


@router.post("/members", status_code=201, summary="Enrol a member")
async def create_member(work: Writing, wanted: MemberCreate) -> MemberRead:
    """Store a member and send the record to the switch; `switch_state` tells when it has arrived."""
    return await logic.create(work.session, wanted)


@router.get("/members", summary="List members")
async def list_members(work: Reading, query: Annotated[MemberQuery, Query()]) -> Page[MemberRead]:
    """Members in the order they joined, or by name."""
    return await logic.read_page(work.session, query)


@router.get(
    "/members/{member_id}", summary="Read a member", responses=problem_responses(logic.MemberNotFound)
)
async def read_member(work: Reading, member_id: IdInPath) -> MemberRead:
    """One member by id."""
    return await logic.read(work.session, member_id)


@router.get(
    "/members/{member_id}/balances",
    summary="Read balances",
    responses=problem_responses(logic.MemberNotFound),
)
async def read_balances(work: Reading, member_id: IdInPath) -> BalancesRead:
    """All purses as last projected from the switch's journal; `GET /v1/status` tells the lag."""
    member = await logic.read(work.session, member_id)
    return await transactions.balances_of(work.session, member_id, member.household)
