"""Endpoints of the wallet service."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.wallet import access, logic, policy, problems
from host_api.services.wallet.listing import WalletActQuery
from host_api.services.wallet.schemas import (
    BankTransferCreate,
    WalletActRead,
    WalletDecision,
    WalletLoadCreate,
    WalletPolicyRead,
    WalletPolicyUpdate,
    WalletRead,
    WalletSpendingCreate,
)

router = APIRouter(tags=["wallet"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(WalletActRead)


@router.get("/wallet/policy", summary="Read the wallets' limits")
async def read_wallet_policy(work: Reading, response: Response) -> WalletPolicyRead:
    """The limits of every member's wallet, with the `ETag` that a change needs."""
    found, response.headers["ETag"] = await policy.read(work.session)
    return found


@router.patch(
    "/wallet/policy", summary="Change the wallets' limits", responses=problem_responses(ChangedMeanwhile)
)
async def change_wallet_policy(
    work: Writing, response: Response, wanted: WalletPolicyUpdate, if_match: IfMatch
) -> WalletPolicyRead:
    """Change limits; what wallets hold stays."""
    changed, response.headers["ETag"] = await policy.change(work.session, wanted, if_match)
    return changed


@router.get("/wallet/acts", summary="List acts on wallets")
async def list_wallet_acts(work: Reading, query: Annotated[WalletActQuery, Query()]) -> Page[WalletActRead]:
    """Loads, transfers from the bank and spendings that were asked here, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/wallet/acts/{act_id}",
    summary="Read an act on a wallet",
    responses=problem_responses(problems.WalletActNotFound),
)
async def read_wallet_act(work: Reading, act_id: IdInPath) -> WalletActRead:
    """One act, and what the switch made of it."""
    return await logic.read_act(work.session, act_id)


@router.post(
    "/wallet/bank-transfers",
    status_code=201,
    summary="Write a bank transfer down",
    responses=problem_responses(MemberNotFound, problems.BankTransferKnown),
)
async def ask_bank_transfer(work: Writing, wanted: BankTransferCreate) -> WalletActRead:
    """Money that came to the club's account for a member; a second person sees it there and approves."""
    return await logic.ask_bank_transfer(work.session, wanted, work.caller)


@router.post(
    "/wallet/acts/{act_id}/approval",
    status_code=201,
    summary="Approve a bank transfer",
    response_model=WalletActRead,
    responses={
        **_PENDING,
        **problem_responses(
            problems.WalletActNotFound, AlreadyDecided, OwnAct, problems.WalletLimitReached, MemberNotFound
        ),
    },
)
async def approve_bank_transfer(
    request: Request, work: Deciding, act_id: IdInPath, decision: WalletDecision, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Load the wallet with it, as the second person."""
    made, request_id = await logic.approve(work.session, act_id, work.caller, decision.note)
    return _awaited(request, work.caller.programme_id, made, request_id, wait_s)


@router.post(
    "/wallet/acts/{act_id}/rejection",
    status_code=201,
    summary="Reject a bank transfer",
    responses=problem_responses(problems.WalletActNotFound, AlreadyDecided, OwnAct),
)
async def reject_bank_transfer(work: Deciding, act_id: IdInPath, decision: WalletDecision) -> WalletActRead:
    """Turn a transfer of another down; nothing moves."""
    return await logic.reject(work.session, act_id, work.caller, decision.note)


@router.post(
    "/wallet/acts/{act_id}/cancellation",
    status_code=201,
    summary="Cancel a bank transfer",
    responses=problem_responses(problems.WalletActNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_bank_transfer(work: Writing, act_id: IdInPath) -> WalletActRead:
    """Take back what you wrote down and nobody has decided yet."""
    return await logic.cancel(work.session, act_id, work.caller)


@router.get(
    "/members/{member_id}/wallet", summary="Read a wallet", responses=problem_responses(MemberNotFound)
)
async def read_wallet(work: Reading, member_id: IdInPath) -> WalletRead:
    """What a member's wallet holds, and what may still be loaded and spent today."""
    return await logic.read(work.session, member_id)


@router.post(
    "/members/{member_id}/wallet/loads",
    status_code=201,
    summary="Load a wallet",
    response_model=WalletActRead,
    responses={**_PENDING, **problem_responses(MemberNotFound, problems.WalletLimitReached)},
)
async def load_wallet(
    request: Request, work: Writing, member_id: IdInPath, wanted: WalletLoadCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Put money into a wallet that a merchant has taken, who owes it to the club from then on."""
    made, request_id = await logic.load_at_merchant(work.session, member_id, wanted, work.caller)
    return _awaited(request, work.caller.programme_id, made, request_id, wait_s)


@router.post(
    "/members/{member_id}/wallet/spendings",
    status_code=201,
    summary="Pay from a wallet",
    response_model=WalletActRead,
    responses={**_PENDING, **problem_responses(MemberNotFound, problems.WalletLimitReached)},
)
async def spend_from_wallet(
    request: Request, work: Acting, member_id: IdInPath, wanted: WalletSpendingCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Pay a merchant's bill from the wallet, whole, by the rules in force; it earns as a sale does."""
    made, request_id = await logic.spend(work.session, member_id, wanted, work.caller)
    return _awaited(request, work.caller.programme_id, made, request_id, wait_s)


def _awaited(
    request: Request, programme_id: int, made: WalletActRead, request_id: int, wait_s: int
) -> AwaitedAnswer:
    runtime = runtime_of(request)

    async def final() -> WalletActRead | None:
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read_act(session, made.id)

    return AwaitedAnswer(made, location=f"/v1/wallet/acts/{made.id}", final=final)
