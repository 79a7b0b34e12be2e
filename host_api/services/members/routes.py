"""Endpoints of members."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members import access, changes, logic
from host_api.services.members.changes import StatusAlreadySo
from host_api.services.members.identities.problems import IdentityTaken
from host_api.services.members.interests.logic import InterestUnknown
from host_api.services.members.listing import MemberQuery
from host_api.services.members.models import Member
from host_api.services.members.schemas import (
    MemberCreate,
    MemberRead,
    MemberStatus,
    MemberStatusChange,
    MemberUpdate,
)
from host_api.services.members.special_days.logic import TooManySpecialDays
from host_api.services.transactions import logic as transactions
from host_api.services.transactions.schemas import BalancesRead

router = APIRouter(tags=["members"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
_NOT_FOUND = problem_responses(logic.MemberNotFound)


@router.post(
    "/members",
    status_code=201,
    summary="Enrol a member",
    responses=problem_responses(IdentityTaken, InterestUnknown),
)
async def create_member(work: Writing, response: Response, wanted: MemberCreate) -> MemberRead:
    """Store a member and send the record to the switch; `switch_state` tells when it has arrived."""
    created = await logic.create(work.session, work.cipher, wanted)
    response.headers["ETag"] = etag(await logic.find(work.session, created.id))
    return created


@router.get("/members", summary="List members")
async def list_members(work: Reading, query: Annotated[MemberQuery, Query()]) -> Page[MemberRead]:
    """Members in the order they joined, or by name.

    Mobile number, e-mail, national id and other identities are sealed: only the whole value finds them.
    """
    return await logic.read_page(work.session, work.cipher, query)


@router.get("/members/{member_id}", summary="Read a member", responses=_NOT_FOUND)
async def read_member(work: Reading, response: Response, member_id: IdInPath) -> MemberRead:
    """One member by id, with the `ETag` that a change needs."""
    return await _answer(work, response, await logic.find(work.session, member_id))


@router.patch(
    "/members/{member_id}",
    summary="Change a member",
    responses=problem_responses(
        logic.MemberNotFound, ChangedMeanwhile, IdentityTaken, TooManySpecialDays, InterestUnknown
    ),
)
async def change_member(
    work: Writing, response: Response, member_id: IdInPath, if_match: IfMatch, wanted: MemberUpdate
) -> MemberRead:
    """Change name, contact data, dates or interests: what is given, and nothing else; null takes away."""
    member = await changes.update(work.session, work.cipher, member_id, if_match, wanted)
    return await _answer(work, response, member)


@router.post(
    "/members/{member_id}/block",
    status_code=201,
    summary="Block a member",
    responses=problem_responses(logic.MemberNotFound, StatusAlreadySo),
)
async def block_member(
    work: Writing, response: Response, member_id: IdInPath, wanted: MemberStatusChange
) -> MemberRead:
    """Let the member neither earn nor spend, once the switch has the record."""
    member = await changes.set_status(work.session, member_id, MemberStatus.BLOCKED, wanted.reason)
    return await _answer(work, response, member)


@router.post(
    "/members/{member_id}/unblock",
    status_code=201,
    summary="Unblock a member",
    responses=problem_responses(logic.MemberNotFound, StatusAlreadySo),
)
async def unblock_member(
    work: Writing, response: Response, member_id: IdInPath, wanted: MemberStatusChange
) -> MemberRead:
    """Let the member earn and spend again."""
    member = await changes.set_status(work.session, member_id, MemberStatus.ACTIVE, wanted.reason)
    return await _answer(work, response, member)


@router.get("/members/{member_id}/balances", summary="Read balances", responses=_NOT_FOUND)
async def read_balances(work: Reading, member_id: IdInPath) -> BalancesRead:
    """All purses as last projected from the switch's journal; `GET /v1/status` tells the lag."""
    member = await logic.read(work.session, member_id)
    return await transactions.balances_of(work.session, member_id, member.household)


async def _answer(work: ReadWork | WriteWork, response: Response, member: Member) -> MemberRead:
    response.headers["ETag"] = etag(member)
    return (await logic.read_many(work.session, work.cipher, [member]))[0]
