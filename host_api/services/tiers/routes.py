"""Endpoints of the tiers service."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.tiers import access, assignments, logic, tier_set
from host_api.services.tiers.assignment_schemas import AssignmentCreate, AssignmentRead
from host_api.services.tiers.listing import AssignmentQuery, TierChangeQuery
from host_api.services.tiers.schemas import (
    MemberTierRead,
    TierChangeRead,
    TierCreate,
    TierPolicyRead,
    TierPolicyUpdate,
    TierRead,
    TierSetRead,
    TierUpdate,
)

router = APIRouter(tags=["tiers"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
CodeInPath = Annotated[str, Path(min_length=1, max_length=16)]


@router.get("/tiers", summary="Read all tiers")
async def read_tiers(work: Reading) -> TierSetRead:
    """The tiers, the lowest first, and how members are evaluated."""
    return tier_set.shown_set(await tier_set.read(work.session))


@router.post(
    "/tiers",
    status_code=201,
    summary="Add a tier",
    responses=problem_responses(tier_set.TierTaken, tier_set.TooManyTiers),
)
async def create_tier(work: Writing, response: Response, wanted: TierCreate) -> TierRead:
    """Store a tier; with criteria it is earned from the next evaluation on, without them given by hand."""
    tier = await tier_set.create(work.session, wanted)
    response.headers["ETag"] = etag(tier)
    return tier_set.shown(tier)


@router.get("/tiers/{code}", summary="Read a tier", responses=problem_responses(tier_set.TierNotFound))
async def read_tier(work: Reading, response: Response, code: CodeInPath) -> TierRead:
    """One tier, with the `ETag` that a change needs."""
    tier = await tier_set.find(work.session, code)
    response.headers["ETag"] = etag(tier)
    return tier_set.shown(tier)


@router.patch(
    "/tiers/{code}",
    summary="Change a tier",
    responses=problem_responses(
        tier_set.TierNotFound, tier_set.TierTaken, tier_set.LowestTierFixed, ChangedMeanwhile
    ),
)
async def change_tier(
    work: Writing, response: Response, code: CodeInPath, if_match: IfMatch, wanted: TierUpdate
) -> TierRead:
    """Change what is given; members are evaluated by it the next time."""
    tier = await tier_set.change(work.session, code, if_match, wanted)
    response.headers["ETag"] = etag(tier)
    return tier_set.shown(tier)


@router.delete(
    "/tiers/{code}",
    status_code=204,
    summary="Delete a tier",
    responses=problem_responses(
        tier_set.TierNotFound, tier_set.TierInUse, tier_set.LowestTierFixed, ChangedMeanwhile
    ),
)
async def delete_tier(work: Writing, code: CodeInPath, if_match: IfMatch) -> None:
    """Delete a tier that no member has."""
    await tier_set.delete(work.session, code, if_match)


@router.get("/tier-policy", summary="Read the tier policy")
async def read_tier_policy(work: Reading, response: Response) -> TierPolicyRead:
    """Window, downgrade and what needs a second person, with the `ETag` that a change needs."""
    policy = (await tier_set.read(work.session)).policy
    response.headers["ETag"] = etag(policy)
    return tier_set.shown_policy(policy)


@router.patch("/tier-policy", summary="Change the tier policy", responses=problem_responses(ChangedMeanwhile))
async def change_tier_policy(
    work: Writing, response: Response, if_match: IfMatch, wanted: TierPolicyUpdate
) -> TierPolicyRead:
    """Change what is given; members are evaluated by it the next time."""
    policy = await tier_set.change_policy(work.session, if_match, wanted)
    response.headers["ETag"] = etag(policy)
    return tier_set.shown_policy(policy)


@router.get(
    "/members/{member_id}/tier", summary="Read a member's tier", responses=problem_responses(MemberNotFound)
)
async def read_member_tier(work: Reading, member_id: IdInPath) -> MemberTierRead:
    """Tier, benefits, until when it is kept, and what is missing to the next in each of its criteria."""
    return await logic.read_member(work.session, member_id)


@router.post(
    "/members/{member_id}/tier/evaluation",
    summary="Evaluate a member",
    responses=problem_responses(MemberNotFound),
)
async def evaluate_member(work: Writing, member_id: IdInPath) -> MemberTierRead:
    """Evaluate one member now; all are evaluated every night."""
    return await logic.evaluate_member(work.session, member_id)


@router.get("/tier-changes", summary="List changes of tiers")
async def list_tier_changes(
    work: Reading, query: Annotated[TierChangeQuery, Query()]
) -> Page[TierChangeRead]:
    """What tiers members had and have, and why, the latest first."""
    return await logic.read_changes(work.session, query)


@router.post(
    "/tier-assignments",
    status_code=201,
    summary="Give a tier by hand",
    responses=problem_responses(MemberNotFound, tier_set.TierNotFound, assignments.AssignmentOver),
)
async def create_assignment(work: Writing, wanted: AssignmentCreate) -> AssignmentRead:
    """`active` at once; `asked` where it is more steps up than the policy lets one person give."""
    return await assignments.ask(work.session, work.caller, wanted)


@router.get("/tier-assignments", summary="List tiers by hand")
async def list_assignments(work: Reading, query: Annotated[AssignmentQuery, Query()]) -> Page[AssignmentRead]:
    """Tiers given by hand, the latest first."""
    return await assignments.read_page(work.session, query)


@router.get(
    "/tier-assignments/{assignment_id}",
    summary="Read a tier by hand",
    responses=problem_responses(assignments.AssignmentNotFound),
)
async def read_assignment(work: Reading, assignment_id: IdInPath) -> AssignmentRead:
    """One assignment by id."""
    return await assignments.read(work.session, assignment_id)


@router.post(
    "/tier-assignments/{assignment_id}/approval",
    summary="Approve a tier by hand",
    responses=problem_responses(
        assignments.AssignmentNotFound,
        assignments.AssignmentDecided,
        assignments.AssignmentOver,
        OwnAct,
    ),
)
async def approve_assignment(work: Deciding, assignment_id: IdInPath) -> AssignmentRead:
    """Put in force what another person has asked for."""
    return await assignments.approve(work.session, work.caller, assignment_id)


@router.post(
    "/tier-assignments/{assignment_id}/rejection",
    summary="Reject a tier by hand",
    responses=problem_responses(assignments.AssignmentNotFound, assignments.AssignmentDecided, OwnAct),
)
async def reject_assignment(work: Deciding, assignment_id: IdInPath) -> AssignmentRead:
    """Reject what another person has asked for."""
    return await assignments.reject(work.session, work.caller, assignment_id)


@router.post(
    "/tier-assignments/{assignment_id}/end",
    summary="End a tier by hand",
    responses=problem_responses(assignments.AssignmentNotFound, assignments.AssignmentDecided),
)
async def end_assignment(work: Writing, assignment_id: IdInPath) -> AssignmentRead:
    """End it now: the member has what is earned from then on."""
    return await assignments.end(work.session, assignment_id)
