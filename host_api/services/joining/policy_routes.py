"""Endpoints of joining policies."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.joining import access, policies
from host_api.services.joining.listing import PolicyQuery
from host_api.services.joining.problems import PolicyContradicts, PolicyNotFound, PolicyTaken
from host_api.services.joining.schemas import JoiningPolicyCreate, JoiningPolicyRead, JoiningPolicyUpdate

router = APIRouter(prefix="/joining/policies", tags=["joining"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
# Whoever takes applications in must not be able to make their conditions.
Deciding = Annotated[WriteWork, writes(access.APPROVE)]


@router.post(
    "",
    status_code=201,
    summary="Add a joining policy",
    responses=problem_responses(PolicyTaken, PolicyContradicts),
)
async def create_policy(work: Deciding, response: Response, wanted: JoiningPolicyCreate) -> JoiningPolicyRead:
    """Say how one joins the club, or a sub-club: until then nobody can apply."""
    policy = await policies.create(work.session, wanted)
    response.headers["ETag"] = etag(policy)
    return policies.shown(policy)


@router.get("", summary="List joining policies")
async def list_policies(work: Reading, query: Annotated[PolicyQuery, Query()]) -> Page[JoiningPolicyRead]:
    """One for the club and each sub-club."""
    return await policies.read_page(work.session, query)


@router.get("/{policy_id}", summary="Read a joining policy", responses=problem_responses(PolicyNotFound))
async def read_policy(work: Reading, response: Response, policy_id: IdInPath) -> JoiningPolicyRead:
    """One policy by id, with the `ETag` that a change needs."""
    policy = await policies.find(work.session, policy_id)
    response.headers["ETag"] = etag(policy)
    return policies.shown(policy)


@router.patch(
    "/{policy_id}",
    summary="Change a joining policy",
    responses=problem_responses(PolicyNotFound, PolicyTaken, PolicyContradicts, ChangedMeanwhile),
)
async def change_policy(
    work: Deciding, response: Response, policy_id: IdInPath, if_match: IfMatch, wanted: JoiningPolicyUpdate
) -> JoiningPolicyRead:
    """Change what is given; applications that are there keep their conditions."""
    policy = await policies.change(work.session, policy_id, if_match, wanted)
    response.headers["ETag"] = etag(policy)
    return policies.shown(policy)
