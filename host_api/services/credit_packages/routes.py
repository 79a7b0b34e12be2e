"""Endpoints of packages, their calendar, quotes, turnover, payments and corrections."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.second_person import ActOfAnother, AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.budgets.logic import BudgetNotFound, BudgetOfAnotherPurse
from host_api.services.credit_packages import (
    access,
    corrections,
    packages,
    paying,
    positions,
    problems,
    turnovers,
)
from host_api.services.credit_packages.listing import (
    CorrectionQuery,
    HolidayQuery,
    PackageQuery,
    PaymentQuery,
    TurnoverQuery,
)
from host_api.services.credit_packages.payment_schemas import (
    CreditCorrectionCreate,
    CreditCorrectionRead,
    CreditPaymentCreate,
    CreditPaymentRead,
)
from host_api.services.credit_packages.position_schemas import CreditQuoteCreate, CreditQuoteRead
from host_api.services.credit_packages.schemas import (
    CreditDecision,
    CreditHolidayCreate,
    CreditHolidayRead,
    CreditPackageCreate,
    CreditPackageRead,
    CreditPackageUpdate,
    CreditTurnoverCreate,
    CreditTurnoverRead,
)
from host_api.services.guests.problems import GuestNotFound
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/credit-packages", tags=["credit packages"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(CreditPaymentRead)


@router.post(
    "",
    status_code=201,
    summary="Make a credit package",
    responses=problem_responses(BudgetNotFound, BudgetOfAnotherPurse),
)
async def create_package(work: Writing, response: Response, wanted: CreditPackageCreate) -> CreditPackageRead:
    """Terms that never change; other terms are another package."""
    package = await packages.create(work.session, work.caller, wanted)
    response.headers["ETag"] = etag(package)
    return CreditPackageRead.model_validate(package)


@router.get("", summary="List credit packages")
async def list_packages(work: Reading, query: Annotated[PackageQuery, Query()]) -> Page[CreditPackageRead]:
    """The latest first."""
    return await packages.read_page(work.session, query)


@router.post(
    "/quotes",
    summary="Compute what credit would cost",
    responses=problem_responses(problems.PackageNotFound),
)
async def quote(work: Reading, wanted: CreditQuoteCreate) -> CreditQuoteRead:
    """Interest, discount, cost and plan of uses of one or several packages, for members and anybody else."""
    return await positions.quote(work.session, wanted)


@router.post(
    "/holidays", status_code=201, summary="Add a holiday", responses=problem_responses(problems.HolidayTaken)
)
async def add_holiday(work: Writing, wanted: CreditHolidayCreate) -> CreditHolidayRead:
    """Instalments to come move off this day; those that have fallen due stay."""
    return await packages.add_holiday(work.session, wanted)


@router.get("/holidays", summary="List holidays")
async def list_holidays(work: Reading, query: Annotated[HolidayQuery, Query()]) -> Page[CreditHolidayRead]:
    """The calendar, in the order in which it was written."""
    return await packages.read_holidays(work.session, query)


@router.delete(
    "/holidays/{holiday_id}",
    status_code=204,
    summary="Remove a holiday",
    responses=problem_responses(problems.HolidayNotFound),
)
async def remove_holiday(work: Writing, holiday_id: IdInPath) -> None:
    """Instalments to come may fall due on this day again."""
    await packages.remove_holiday(work.session, holiday_id)


@router.post(
    "/turnovers",
    status_code=201,
    summary="Tell turnover",
    responses=problem_responses(MemberNotFound, GuestNotFound, problems.ReferenceUsed),
)
async def tell_turnover(work: Writing, wanted: CreditTurnoverCreate) -> CreditTurnoverRead:
    """Once for each reference; told late, it corrects the discounts of the days that have passed."""
    return await turnovers.tell(work.session, work.cipher, wanted)


@router.get("/turnovers", summary="List turnover")
async def list_turnovers(work: Reading, query: Annotated[TurnoverQuery, Query()]) -> Page[CreditTurnoverRead]:
    """What was told, the latest first."""
    return await turnovers.read_page(work.session, query)


@router.post(
    "/payments",
    status_code=201,
    summary="Pay what is owed",
    response_model=CreditPaymentRead,
    responses={
        **_PENDING,
        **problem_responses(MemberNotFound, GuestNotFound, problems.PaymentTooLarge, problems.ReferenceUsed),
    },
)
async def pay(
    request: Request, work: Acting, wanted: CreditPaymentCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """A member pays from the wallet: 201 tells what the switch decided, 202 that it has not yet. A guest's
    receipt waits for a second person."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    asked, request_id = await paying.pay(work.session, work.cipher, work.caller, wanted)

    async def final() -> CreditPaymentRead | None:
        if request_id is None:
            return asked
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await paying.read(session, asked.id)

    return AwaitedAnswer(asked, location=f"/v1/credit-packages/payments/{asked.id}", final=final)


@router.get("/payments", summary="List payments of credit")
async def list_payments(work: Reading, query: Annotated[PaymentQuery, Query()]) -> Page[CreditPaymentRead]:
    """The latest first; `state=asked` are receipts that wait for a second person."""
    return await paying.read_page(work.session, query)


@router.get(
    "/payments/{payment_id}",
    summary="Read a payment of credit",
    responses=problem_responses(problems.PaymentNotFound),
)
async def read_payment(work: Reading, payment_id: IdInPath) -> CreditPaymentRead:
    """One payment by id."""
    return await paying.read(work.session, payment_id)


@router.post(
    "/payments/{payment_id}/approval",
    status_code=201,
    summary="Approve a receipt",
    responses=problem_responses(problems.PaymentNotFound, AlreadyDecided, OwnAct, problems.PaymentTooLarge),
)
async def approve_payment(
    work: Deciding, payment_id: IdInPath, _decision: CreditDecision
) -> CreditPaymentRead:
    """See a guest's receipt as the second person: it pays what is owed, from its day on."""
    return await paying.approve(work.session, work.caller, payment_id)


@router.post(
    "/payments/{payment_id}/rejection",
    status_code=201,
    summary="Reject a receipt",
    responses=problem_responses(problems.PaymentNotFound, AlreadyDecided, OwnAct),
)
async def reject_payment(
    work: Deciding, payment_id: IdInPath, _decision: CreditDecision
) -> CreditPaymentRead:
    """Turn it down; its number may be told again."""
    return await paying.reject(work.session, work.caller, payment_id)


@router.post(
    "/payments/{payment_id}/cancellation",
    status_code=201,
    summary="Cancel a receipt",
    responses=problem_responses(problems.PaymentNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_payment(work: Acting, payment_id: IdInPath) -> CreditPaymentRead:
    """Take back a receipt that you told and nobody has decided."""
    return await paying.cancel(work.session, work.caller, payment_id)


@router.post(
    "/payments/{payment_id}/return",
    status_code=201,
    summary="Give the rest of a payment back again",
    responses=problem_responses(problems.PaymentNotFound, problems.PaymentNotInThisState),
)
async def return_payment(work: Writing, payment_id: IdInPath) -> CreditPaymentRead:
    """For one that is `unreturned`: the switch refused to give back what no debt took, and is asked again."""
    return await paying.return_again(work.session, payment_id)


@router.post(
    "/corrections",
    status_code=201,
    summary="Ask for a correction",
    responses=problem_responses(problems.ContractNotFound),
)
async def ask_correction(work: Writing, wanted: CreditCorrectionCreate) -> CreditCorrectionRead:
    """More or less of one debt; nothing changes before a second person approves."""
    return await corrections.ask(work.session, work.caller, wanted)


@router.get("/corrections", summary="List corrections")
async def list_corrections(
    work: Reading, query: Annotated[CorrectionQuery, Query()]
) -> Page[CreditCorrectionRead]:
    """The latest first; `state=asked` are those to be decided."""
    return await corrections.read_page(work.session, query)


@router.post(
    "/corrections/{correction_id}/approval",
    status_code=201,
    summary="Approve a correction",
    responses=problem_responses(
        problems.CorrectionNotFound, AlreadyDecided, OwnAct, problems.ContractNotInThisState
    ),
)
async def approve_correction(
    work: Deciding, correction_id: IdInPath, _decision: CreditDecision
) -> CreditCorrectionRead:
    """Post it, from today on."""
    return await corrections.approve(work.session, work.caller, correction_id)


@router.post(
    "/corrections/{correction_id}/rejection",
    status_code=201,
    summary="Reject a correction",
    responses=problem_responses(problems.CorrectionNotFound, AlreadyDecided, OwnAct),
)
async def reject_correction(
    work: Deciding, correction_id: IdInPath, _decision: CreditDecision
) -> CreditCorrectionRead:
    """Turn it down."""
    return await corrections.reject(work.session, work.caller, correction_id)


@router.post(
    "/corrections/{correction_id}/cancellation",
    status_code=201,
    summary="Cancel a correction",
    responses=problem_responses(problems.CorrectionNotFound, AlreadyDecided, ActOfAnother),
)
async def cancel_correction(work: Writing, correction_id: IdInPath) -> CreditCorrectionRead:
    """Take back what you asked for and nobody has decided."""
    return await corrections.cancel(work.session, work.caller, correction_id)


@router.get(
    "/{package_id}", summary="Read a credit package", responses=problem_responses(problems.PackageNotFound)
)
async def read_package(work: Reading, response: Response, package_id: IdInPath) -> CreditPackageRead:
    """One package by id."""
    package = await packages.find(work.session, package_id)
    response.headers["ETag"] = etag(package)
    return CreditPackageRead.model_validate(package)


@router.patch(
    "/{package_id}",
    summary="Sell a credit package or no longer",
    responses=problem_responses(problems.PackageNotFound, ChangedMeanwhile),
)
async def change_package(
    work: Writing, response: Response, package_id: IdInPath, if_match: IfMatch, wanted: CreditPackageUpdate
) -> CreditPackageRead:
    """Contracts that are in force go on."""
    package = await packages.change(work.session, package_id, if_match, is_open=wanted.is_open)
    response.headers["ETag"] = etag(package)
    return CreditPackageRead.model_validate(package)
