"""Endpoints of the referral network."""

from typing import Annotated

from fastapi import APIRouter, Header, Query

from host_api.core.bulk import importing
from host_api.core.bulk.importing import ImportCreate, ImportRead, read_import, start_import
from host_api.core.clock import utc_now
from host_api.core.errors import preferred_language, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.budgets.problems import BudgetNotFound, BudgetOfAnotherPurse
from host_api.services.members.logic import MemberNotFound
from host_api.services.referral_network import (
    access,
    branches,
    changes,
    moves,
    payouts,
    policies,
    problems,
    registrations,
    views,
)
from host_api.services.referral_network.bulk import NETWORK_IMPORT
from host_api.services.referral_network.listing import (
    BranchQuery,
    ChangeQuery,
    IncomeQuery,
    MoveQuery,
    PayoutQuery,
    PolicyQuery,
)
from host_api.services.referral_network.policy_schemas import NetworkPolicyCreate, NetworkPolicyRead
from host_api.services.referral_network.schemas import (
    CodeRegistration,
    IncomeLineRead,
    NetworkChangeRead,
    NetworkMemberRead,
    NetworkMoveCreate,
    NetworkMoveRead,
    NetworkPayoutRead,
    NetworkPlaceRead,
    NetworkSummary,
    ReferrerCode,
    RegistrationRead,
)
from host_api.services.referral_network.words import BranchSuspension, NetworkDecision

router = APIRouter(prefix="/referral-network", tags=["referral network"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
AcceptLanguage = Annotated[str | None, Header(alias="Accept-Language", max_length=200)]


@router.get("", summary="Read the network in numbers")
async def read_summary(work: Reading) -> NetworkSummary:
    """How many members take part, what waits for a person or the switch, what happened today."""
    return await views.summary(work.session)


@router.get("/changes", summary="List changes of the network")
async def list_changes(work: Reading, query: Annotated[ChangeQuery, Query()]) -> Page[NetworkChangeRead]:
    """Who joined, moved, was suspended or paid, the latest first."""
    return await changes.read_page(work.session, query)


@router.get("/payouts", summary="List payouts of the network")
async def list_payouts(work: Reading, query: Annotated[PayoutQuery, Query()]) -> Page[NetworkPayoutRead]:
    """What went to members and what was taken back, the latest first."""
    return await payouts.read_page(work.session, query)


@router.post(
    "/registrations",
    status_code=201,
    summary="Register a referrer's code",
    responses=problem_responses(
        MemberNotFound,
        problems.CodeUnknown,
        problems.CodeRegisteredBefore,
        problems.RegistrationTooLate,
        problems.OwnBranch,
        problems.BranchesFull,
        problems.NetworkClosed,
        problems.MemberNotInNetwork,
    ),
)
async def register_code(work: Acting, wanted: CodeRegistration) -> RegistrationRead:
    """Tell who introduced a new member, once; both may get points for it."""
    return await registrations.register(work.session, work.caller, wanted)


@router.get(
    "/members/{member_id}", summary="Read a member's network", responses=problem_responses(MemberNotFound)
)
async def read_member(work: Reading, member_id: IdInPath) -> NetworkMemberRead:
    """Code, introducers above, the downline's levels with counts, and what was and will be paid."""
    return await views.of_member(work.session, member_id)


@router.post(
    "/members/{member_id}/code",
    status_code=201,
    summary="Give a member a referrer code",
    responses=problem_responses(MemberNotFound, problems.MemberNotInNetwork),
)
async def give_code(work: Acting, member_id: IdInPath) -> ReferrerCode:
    """The member's code, which stays the same once it was given."""
    return await registrations.code_of(work.session, member_id)


@router.get(
    "/members/{member_id}/branches",
    summary="List a member's branches",
    responses=problem_responses(MemberNotFound),
)
async def list_branches(
    work: Reading, member_id: IdInPath, query: Annotated[BranchQuery, Query()]
) -> Page[NetworkPlaceRead]:
    """The members directly below, each with their own number of branches; ask for theirs to go down."""
    return await views.branches_of(work.session, member_id, query)


@router.get(
    "/members/{member_id}/incomes",
    summary="List a member's incomes",
    responses=problem_responses(MemberNotFound),
)
async def list_incomes(
    work: Reading, member_id: IdInPath, query: Annotated[IncomeQuery, Query()]
) -> Page[IncomeLineRead]:
    """Each share with the purchase, level and policy it comes from, the latest first."""
    return await views.incomes_of(work.session, member_id, query)


@router.post(
    "/members/{member_id}/suspension",
    status_code=201,
    summary="Suspend a branch",
    responses=problem_responses(problems.BranchNotFound, problems.BranchAlreadySo, MemberNotFound),
)
async def suspend_branch(work: Writing, member_id: IdInPath, wanted: BranchSuspension) -> NetworkMemberRead:
    """Purchases of the member and of all below no longer count for those above."""
    await branches.suspend(work.session, work.caller, member_id, wanted.reason)
    return await views.of_member(work.session, member_id)


@router.delete(
    "/members/{member_id}/suspension",
    status_code=204,
    summary="Resume a branch",
    responses=problem_responses(problems.BranchNotFound, problems.BranchAlreadySo),
)
async def resume_branch(work: Writing, member_id: IdInPath) -> None:
    """Purchases count again from now on."""
    await branches.resume(work.session, work.caller, member_id)


@router.get("/moves", summary="List moves of branches")
async def list_moves(work: Reading, query: Annotated[MoveQuery, Query()]) -> Page[NetworkMoveRead]:
    """The latest first; `state=asked` are those to be decided."""
    return await moves.read_page(work.session, query)


@router.post(
    "/moves",
    status_code=201,
    summary="Ask for a branch to be moved",
    responses=problem_responses(MemberNotFound, problems.MemberNotInNetwork, problems.OwnBranch),
)
async def ask_move(work: Writing, wanted: NetworkMoveCreate) -> NetworkMoveRead:
    """Hang a member, with all below, on another introducer. A second person approves."""
    return await moves.ask(work.session, work.caller, wanted)


@router.get(
    "/moves/{move_id}", summary="Read a move of a branch", responses=problem_responses(problems.MoveNotFound)
)
async def read_move(work: Reading, move_id: IdInPath) -> NetworkMoveRead:
    """One move by id."""
    return await moves.read(work.session, move_id)


@router.post(
    "/moves/{move_id}/approval",
    status_code=201,
    summary="Approve a move of a branch",
    responses=problem_responses(
        problems.MoveNotFound,
        AlreadyDecided,
        OwnAct,
        MemberNotFound,
        problems.MemberNotInNetwork,
        problems.OwnBranch,
        problems.BranchesFull,
    ),
)
async def approve_move(work: Deciding, move_id: IdInPath, decision: NetworkDecision) -> NetworkMoveRead:
    """Move the branch as the second person."""
    return await moves.approve(work.session, move_id, work.caller, decision.note)


@router.post(
    "/moves/{move_id}/rejection",
    status_code=201,
    summary="Reject a move of a branch",
    responses=problem_responses(problems.MoveNotFound, AlreadyDecided, OwnAct),
)
async def reject_move(work: Deciding, move_id: IdInPath, decision: NetworkDecision) -> NetworkMoveRead:
    """Turn a move of another down."""
    return await moves.reject(work.session, move_id, work.caller, decision.note)


@router.post(
    "/moves/{move_id}/cancellation",
    status_code=201,
    summary="Cancel a move of a branch",
    responses=problem_responses(problems.MoveNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_move(work: Writing, move_id: IdInPath) -> NetworkMoveRead:
    """Take back a move that you asked for and nobody has decided yet."""
    return await moves.withdraw(work.session, move_id, work.caller)


@router.post(
    "/imports",
    status_code=202,
    summary="Import a network from a file",
    responses=problem_responses(
        importing.ImportFileNotFound, importing.FileNotImportable, importing.FileImportedAlready
    ),
)
async def start_network_import(
    work: Deciding, wanted: ImportCreate, accept_language: AcceptLanguage = None
) -> ImportRead:
    """Hang all members of a file with the columns member and introducer, each a member number or a mobile,
    or none of them. Nobody is paid for having been introduced, and nobody is moved."""
    return await start_import(
        work.session,
        NETWORK_IMPORT,
        wanted,
        work.caller,
        language=preferred_language(accept_language),
        now=utc_now(),
    )


@router.get(
    "/imports/{id}",
    summary="Read an import of a network",
    responses=problem_responses(importing.ImportNotFound),
)
async def read_network_import(
    work: Reading,
    id: IdInPath,  # noqa: A002
    accept_language: AcceptLanguage = None,
) -> ImportRead:
    """State, progress, counts and the first faults; the whole report is a file."""
    return await read_import(work.session, NETWORK_IMPORT, id, preferred_language(accept_language))


@router.get("/policies", summary="List policies of the network")
async def list_policies(work: Reading, query: Annotated[PolicyQuery, Query()]) -> Page[NetworkPolicyRead]:
    """The latest first; of the approved ones the last that has begun is in force."""
    return await policies.read_page(work.session, query)


@router.post(
    "/policies",
    status_code=201,
    summary="Ask for a policy of the network",
    responses=problem_responses(BudgetNotFound, BudgetOfAnotherPurse),
)
async def ask_policy(work: Writing, wanted: NetworkPolicyCreate) -> NetworkPolicyRead:
    """All parameters anew. A second person approves; purchases before that are scored by the one before."""
    return await policies.ask(work.session, work.caller, wanted)


@router.get(
    "/policies/{policy_id}",
    summary="Read a policy of the network",
    responses=problem_responses(problems.PolicyNotFound),
)
async def read_policy(work: Reading, policy_id: IdInPath) -> NetworkPolicyRead:
    """One policy by id."""
    return await policies.read(work.session, policy_id)


@router.post(
    "/policies/{policy_id}/approval",
    status_code=201,
    summary="Approve a policy of the network",
    responses=problem_responses(problems.PolicyNotFound, AlreadyDecided, OwnAct),
)
async def approve_policy(work: Deciding, policy_id: IdInPath, decision: NetworkDecision) -> NetworkPolicyRead:
    """Have the policy come into force at its time, never in the past."""
    return await policies.approve(work.session, policy_id, work.caller, decision.note)


@router.post(
    "/policies/{policy_id}/rejection",
    status_code=201,
    summary="Reject a policy of the network",
    responses=problem_responses(problems.PolicyNotFound, AlreadyDecided, OwnAct),
)
async def reject_policy(work: Deciding, policy_id: IdInPath, decision: NetworkDecision) -> NetworkPolicyRead:
    """Turn a policy of another down."""
    return await policies.reject(work.session, policy_id, work.caller, decision.note)


@router.post(
    "/policies/{policy_id}/cancellation",
    status_code=201,
    summary="Cancel a policy of the network",
    responses=problem_responses(problems.PolicyNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_policy(work: Writing, policy_id: IdInPath) -> NetworkPolicyRead:
    """Take back a policy that you asked for and nobody has decided yet."""
    return await policies.withdraw(work.session, policy_id, work.caller)
