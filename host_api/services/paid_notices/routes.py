"""Endpoints of paid notices."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.policy_versions import PolicyInThePast, PolicyMissing
from host_api.core.runtime import runtime_of
from host_api.core.second_person import AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.paid_notices import access, logic, policies, problems, recipients
from host_api.services.paid_notices.listing import (
    PaidNoticeExportQuery,
    PaidNoticePolicyQuery,
    PaidNoticeQuery,
)
from host_api.services.paid_notices.schemas import (
    NoticeConsentRead,
    NoticeConsentUpdate,
    PaidNoticeConfirmation,
    PaidNoticeCreate,
    PaidNoticePolicyCreate,
    PaidNoticePolicyRead,
    PaidNoticeRead,
)
from host_api.services.sellers import access as sellers_access
from host_api.services.sellers.logic import SellerLimitReached, SellerNotActive, SellerNotFound

router = APIRouter(tags=["paid notices"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Looking = Annotated[ReadWork, reads(access.ACT)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Selling = Annotated[WriteWork, writes(sellers_access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_COLUMNS: Final = (
    ("id", "Notice", "اطلاع‌رسانی"),
    ("seller_id", "Seller", "فروشنده"),
    ("interest", "Interest", "علاقه"),
    ("state", "State", "وضعیت"),
    ("recipients", "Recipients", "گیرندگان"),
    ("queued", "Queued", "در صف"),
    ("sent", "Sent", "فرستاده"),
    ("message_rials", "Price of one", "بهای هر پیام"),
    ("billed_rials", "Billed", "حساب‌شده"),
    ("ended_at", "Ended at", "زمان پایان"),
)
exports = APIRouter(prefix="/paid-notices", tags=["paid notices"], route_class=ServiceRoute)
add_export(
    exports,
    list_export("notices", PaidNoticeExportQuery, _COLUMNS, logic.read_after),
    PaidNoticeExportQuery,
    access.READ,
)


@router.post(
    "/paid-notices/policies",
    status_code=201,
    summary="Make a version of the policy of paid notices",
    responses=problem_responses(PolicyInThePast),
)
async def create_notice_policy(work: Writing, wanted: PaidNoticePolicyCreate) -> PaidNoticePolicyRead:
    """Price and limits from an instant on; notices keep those under which they were quoted."""
    return await policies.create(work.session, work.caller, wanted)


@router.get("/paid-notices/policies", summary="List versions of the policy of paid notices")
async def list_notice_policies(
    work: Reading, query: Annotated[PaidNoticePolicyQuery, Query()]
) -> Page[PaidNoticePolicyRead]:
    """Past, present and future versions, the latest first."""
    return await policies.read_page(work.session, query)


@router.get(
    "/members/{member_id}/notice-consent",
    summary="Read whether a member wants notices",
    responses=problem_responses(MemberNotFound),
)
async def read_notice_consent(work: Looking, member_id: IdInPath) -> NoticeConsentRead:
    """Nobody does who has not said so."""
    return await recipients.read_consent(work.session, member_id)


@router.put(
    "/members/{member_id}/notice-consent",
    summary="Say whether a member wants notices",
    responses=problem_responses(MemberNotFound),
)
async def change_notice_consent(
    work: Acting, member_id: IdInPath, wanted: NoticeConsentUpdate
) -> NoticeConsentRead:
    """In the member's name; it holds for messages that are not queued yet."""
    return await recipients.change_consent(work.session, member_id, is_given=wanted.is_given)


@router.post(
    "/paid-notices",
    status_code=201,
    summary="Ask what a notice costs",
    responses=problem_responses(
        SellerNotFound,
        SellerNotActive,
        PolicyMissing,
        problems.PaidNoticeInterestUnknown,
        problems.PaidNoticeNoPurse,
        problems.PaidNoticeNobody,
    ),
)
async def quote_notice(work: Selling, wanted: PaidNoticeCreate) -> PaidNoticeRead:
    """In a seller's name: it is kept with the count of recipients and the price, and holds nothing yet."""
    return logic.shown(await logic.quote(work.session, work.caller, wanted))


@router.get("/paid-notices", summary="List paid notices")
async def list_notices(work: Reading, query: Annotated[PaidNoticeQuery, Query()]) -> Page[PaidNoticeRead]:
    """The latest first; `state=asked` wait for a second person."""
    return await logic.read_page(work.session, query)


@router.get(
    "/paid-notices/{notice_id}",
    summary="Read a paid notice",
    responses=problem_responses(problems.PaidNoticeNotFound),
)
async def read_notice(work: Reading, notice_id: IdInPath) -> PaidNoticeRead:
    """One by id, with what was sent and billed."""
    return await logic.read(work.session, notice_id)


@router.post(
    "/paid-notices/{notice_id}/confirmation",
    status_code=201,
    summary="Confirm a notice's price",
    response_model=PaidNoticeRead,
    responses={
        **pending_response(PaidNoticeRead),
        **problem_responses(
            problems.PaidNoticeNotFound,
            problems.PaidNoticeNotNow,
            problems.PaidNoticePriceChanged,
            SellerNotActive,
            SellerLimitReached,
        ),
    },
)
async def confirm_notice(
    request: Request,
    work: Selling,
    notice_id: IdInPath,
    wanted: PaidNoticeConfirmation,
    wait_s: Waiting = 5,
) -> AwaitedAnswer:
    """In the seller's name: the price is held on the account, or paid from the purse.

    201 tells what became of it: `asked`, or `refused`."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    row, request_id = await logic.confirm(work.session, work.caller, notice_id, wanted.most_rials)

    async def final() -> PaidNoticeRead | None:
        if request_id is not None:
            outcome = await runtime.outcomes.outcome(programme_id, request_id, wait_s)
            if outcome is None:
                return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, notice_id)

    return AwaitedAnswer(logic.shown(row), location=f"/v1/paid-notices/{notice_id}", final=final)


@router.post(
    "/paid-notices/{notice_id}/cancellation",
    summary="Take a notice back",
    responses=problem_responses(problems.PaidNoticeNotFound, problems.PaidNoticeNotNow),
)
async def cancel_notice(work: Selling, notice_id: IdInPath) -> PaidNoticeRead:
    """In the seller's name, before the club has decided; it costs nothing."""
    return logic.shown(await logic.cancel(work.session, work.caller, notice_id))


@router.post(
    "/paid-notices/{notice_id}/approval",
    summary="Let a notice be sent",
    responses=problem_responses(problems.PaidNoticeNotFound, AlreadyDecided, OwnAct),
)
async def approve_notice(work: Deciding, notice_id: IdInPath) -> PaidNoticeRead:
    """As the second person; a job sends it."""
    return logic.shown(await logic.approve(work.session, work.caller, notice_id))


@router.post(
    "/paid-notices/{notice_id}/rejection",
    summary="Don't let a notice be sent",
    responses=problem_responses(problems.PaidNoticeNotFound, AlreadyDecided, OwnAct),
)
async def reject_notice(work: Deciding, notice_id: IdInPath) -> PaidNoticeRead:
    """As the second person; it costs nothing."""
    return logic.shown(await logic.reject(work.session, work.caller, notice_id))
