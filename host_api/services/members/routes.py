"""Endpoints of the members service."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameter

from host_api.core.errors import problem_responses
from host_api.core.pagination import Cursor, Limit, Page, position_of
from host_api.core.path_ids import IdInPath
from host_api.core.sessions import ReadSessionDependency, WriteSessionDependency
from host_api.services.members import logic
from host_api.services.members.schemas import MemberCreate, MemberRead, Mobile
from host_api.services.transactions import logic as transactions
from host_api.services.transactions.schemas import BalancesRead

router = APIRouter(tags=["members"])


@router.post("/members", status_code=201, summary="Enrol a member")
async def create_member(session: WriteSessionDependency, wanted: MemberCreate) -> MemberRead:
    """Store a member and send the record to the switch; `switch_state` tells when it has arrived."""
    return await logic.create(session, wanted)


@router.get("/members", summary="List members")
async def list_members(
    session: ReadSessionDependency,
    mobile: Annotated[
        Mobile | None, QueryParameter(description="Only members with this mobile number.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[MemberRead]:
    """Members in the order they joined."""
    return await logic.read_page(session, mobile=mobile, after=position_of(cursor), limit=limit)


@router.get(
    "/members/{member_id}", summary="Read a member", responses=problem_responses(logic.MemberNotFound)
)
async def read_member(session: ReadSessionDependency, member_id: IdInPath) -> MemberRead:
    """One member by id."""
    return await logic.read(session, member_id)


@router.get(
    "/members/{member_id}/balances",
    summary="Read balances",
    responses=problem_responses(logic.MemberNotFound),
)
async def read_balances(session: ReadSessionDependency, member_id: IdInPath) -> BalancesRead:
    """All purses as last projected from the switch's journal; `GET /v1/status` tells the lag."""
    member = await logic.read(session, member_id)
    return await transactions.balances_of(session, member_id, member.household)
