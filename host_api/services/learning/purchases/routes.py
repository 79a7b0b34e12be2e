"""Endpoints of what members get."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import LARGEST_ID, IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.learning import access
from host_api.services.learning.courses.problems import CourseLessonNotFound, CourseNotFound
from host_api.services.learning.events import LEARNING_COMPLETED
from host_api.services.learning.library.problems import LibraryDocumentNotFound
from host_api.services.learning.purchases import downloads, logic, own, problems, progress
from host_api.services.learning.purchases.listing import (
    LearningPurchaseExportQuery,
    LearningPurchaseQuery,
    OwnLearningQuery,
)
from host_api.services.learning.purchases.schemas import (
    LearningLinkRead,
    LearningPurchaseCreate,
    LearningPurchaseRead,
    LearningReturn,
    OwnLearningDetail,
    OwnLearningRead,
)
from host_api.services.members.logic import MemberNotFound

router = APIRouter(prefix="/learning", tags=["learning"], route_class=ServiceRoute)
member_router = APIRouter(tags=["learning"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Showing = Annotated[ReadWork, reads(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(LearningPurchaseRead)
_COLUMNS: Final = (
    ("id", "Purchase", "شناسه"),
    ("kind", "Kind", "گونه"),
    ("subject_id", "Report, book or course", "گزارش، کتاب یا دوره"),
    ("member_id", "Member", "شمارهٔ عضو"),
    ("state", "State", "وضعیت"),
    ("price", "Price", "بها"),
    ("asked_at", "Asked at", "زمان درخواست"),
    ("completed_at", "Completed at", "زمان پایان"),
    ("certificate_number", "Certificate", "شمارهٔ گواهی"),
)
add_export(
    router,
    list_export("purchases", LearningPurchaseExportQuery, _COLUMNS, logic.read_after),
    LearningPurchaseExportQuery,
    access.READ,
)


@router.post(
    "/purchases",
    status_code=201,
    summary="Get a report, book or course",
    response_model=LearningPurchaseRead,
    responses={
        **_PENDING,
        **problem_responses(
            MemberNotFound,
            LibraryDocumentNotFound,
            CourseNotFound,
            problems.CourseEnrolmentOver,
            problems.LearningNotForMember,
            problems.LearningHeld,
            problems.CourseFull,
        ),
    },
)
async def buy_learning(
    request: Request, work: Acting, wanted: LearningPurchaseCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Free, or paid with a member's units. 201 tells what the switch decided: `active` or `refused`; 202 that
    it has not yet."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    purchase, request_id = await logic.buy(work.session, wanted, work.caller)

    async def final() -> LearningPurchaseRead | None:
        if request_id is None:
            return purchase
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await logic.read(session, purchase.id)

    return AwaitedAnswer(purchase, location=f"/v1/learning/purchases/{purchase.id}", final=final)


@router.get("/purchases", summary="List what members have got")
async def list_learning_purchases(
    work: Reading, query: Annotated[LearningPurchaseQuery, Query()]
) -> Page[LearningPurchaseRead]:
    """Enrolments, and who has which report or book, the latest first."""
    return await logic.read_page(work.session, query)


@member_router.get(
    "/members/{member_id}/learning",
    summary="List a member's courses, reports and books",
    responses=problem_responses(MemberNotFound),
)
async def list_own_learning(
    work: Showing, member_id: IdInPath, query: Annotated[OwnLearningQuery, Query()]
) -> Page[OwnLearningRead]:
    """With titles, and how far the member has gone."""
    return await own.read_own(work.session, member_id, query)


@router.get(
    "/purchases/{purchase_id}",
    summary="Read what a member has got",
    responses=problem_responses(problems.LearningPurchaseNotFound),
)
async def read_learning_purchase(work: Showing, purchase_id: IdInPath) -> OwnLearningDetail:
    """One by id; of a course that the member has, with the lessons and their addresses."""
    return await own.read_detail(work.session, purchase_id)


@router.post(
    "/purchases/{purchase_id}/lessons/{lesson_id}/completion",
    status_code=201,
    summary="Complete a lesson",
    responses=problem_responses(
        problems.LearningPurchaseNotFound,
        problems.NotACourse,
        problems.LearningNotActive,
        CourseLessonNotFound,
    ),
)
async def complete_lesson(work: Acting, purchase_id: IdInPath, lesson_id: IdInPath) -> OwnLearningDetail:
    """Note that a member has gone through a lesson; the last one completes the course."""
    row = await logic.lock(work.session, purchase_id)
    if await progress.complete_lesson(work.session, row, lesson_id):
        logic.tell(work.session, LEARNING_COMPLETED, row)
    return await own.read_detail(work.session, purchase_id)


@router.get(
    "/purchases/{purchase_id}/link",
    summary="Make a download link of what a member has",
    responses=problem_responses(
        problems.LearningPurchaseNotFound,
        problems.LearningNotActive,
        problems.DownloadNotAllowed,
        CourseLessonNotFound,
    ),
)
async def make_learning_link(
    work: Showing,
    purchase_id: IdInPath,
    lesson_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Of a course.")] = None,
    minutes: Annotated[int, Query(ge=1, le=60, description="How long the link is valid.")] = 15,
) -> LearningLinkRead:
    """For this member's browser; it ends when it expires, and when the member no longer has the thing."""
    return await downloads.make_link(
        work.session,
        work.cipher,
        purchase_id,
        lesson_id,
        valid_for=timedelta(minutes=minutes),
        now=utc_now(),
    )


@router.post(
    "/purchases/{purchase_id}/refund",
    status_code=201,
    summary="Give a course back",
    responses=problem_responses(
        problems.LearningPurchaseNotFound, problems.LearningNotActive, problems.RefundNotByPolicy
    ),
)
async def refund_learning(work: Acting, purchase_id: IdInPath) -> LearningPurchaseRead:
    """By its stated terms; the units go back with the expiry that they had."""
    return await logic.give_back(work.session, purchase_id, work.caller)


@router.post(
    "/purchases/{purchase_id}/taking-back",
    status_code=201,
    summary="Take a report, book or course back",
    responses=problem_responses(problems.LearningPurchaseNotFound, problems.LearningNotActive),
)
async def take_learning_back(
    work: Deciding, purchase_id: IdInPath, wanted: LearningReturn
) -> LearningPurchaseRead:
    """By the club, whatever the terms say; its units go back. Also for one that is `unreturned`."""
    return await logic.give_back(work.session, purchase_id, work.caller, reason=wanted.reason)
