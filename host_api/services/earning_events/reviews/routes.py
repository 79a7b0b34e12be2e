"""Endpoints of reviews."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.earning_events import access
from host_api.services.earning_events.reviews import logic, problems
from host_api.services.earning_events.reviews.listing import ReviewQuery, ReviewReportQuery
from host_api.services.earning_events.reviews.schemas import (
    ReviewCreate,
    ReviewDecision,
    ReviewPolicyRead,
    ReviewPolicyUpdate,
    ReviewRead,
    ReviewReportCreate,
    ReviewReportRead,
)
from host_api.services.earning_events.telling.problems import MemberMayNotEarn
from host_api.services.members.logic import MemberNotFound
from host_api.services.merchants.logic import BranchNotFound

router = APIRouter(tags=["reviews"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_REVIEWS)]
Setting = Annotated[WriteWork, writes(access.WRITE_REVIEWS)]
Deciding = Annotated[WriteWork, writes(access.APPROVE_REVIEWS)]
Acting = Annotated[WriteWork, writes(access.ACT_REVIEWS)]
KindInPath = Annotated[str, Path(max_length=16, description="`review` or `praise`.", examples=["review"])]


@router.post(
    "/reviews",
    status_code=201,
    summary="Write a review",
    responses=problem_responses(
        MemberNotFound,
        MemberMayNotEarn,
        BranchNotFound,
        problems.ReviewExists,
        problems.ReviewTextLength,
        problems.ReviewHasLink,
        problems.ReviewRepeated,
        problems.ReviewSubjectNotFound,
        problems.TooManyWaiting,
        problems.TooManyToday,
    ),
)
async def write_review(work: Acting, wanted: ReviewCreate) -> ReviewRead:
    """Take a comment, praise or analysis in a member's name; it earns once a person has approved it."""
    return await logic.write(work.session, wanted, work.caller)


@router.get("/reviews", summary="List reviews")
async def list_reviews(work: Reading, query: Annotated[ReviewQuery, Query()]) -> Page[ReviewRead]:
    """Texts of members, the latest first; `state=waiting` are those to be decided."""
    return await logic.read_page(work.session, query)


@router.get(
    "/reviews/{review_id}", summary="Read a review", responses=problem_responses(problems.ReviewNotFound)
)
async def read_review(work: Reading, review_id: IdInPath) -> ReviewRead:
    """One text by id."""
    return await logic.read(work.session, review_id)


@router.post(
    "/reviews/{review_id}/approval",
    status_code=201,
    summary="Approve a review",
    responses=problem_responses(problems.ReviewNotFound, problems.ReviewNotInState),
)
async def approve_review(work: Deciding, review_id: IdInPath) -> ReviewRead:
    """Let a text earn; what it earned stands in its event."""
    return await logic.approve(work.session, review_id, work.caller)


@router.post(
    "/reviews/{review_id}/rejection",
    status_code=201,
    summary="Reject a review",
    responses=problem_responses(problems.ReviewNotFound, problems.ReviewNotInState),
)
async def reject_review(work: Deciding, review_id: IdInPath, wanted: ReviewDecision) -> ReviewRead:
    """Turn a text down; the member is told why, and may write again."""
    return await logic.reject(work.session, review_id, wanted.reason, work.caller)


@router.post(
    "/reviews/{review_id}/withdrawal",
    status_code=201,
    summary="Withdraw a review",
    responses=problem_responses(problems.ReviewNotFound, problems.ReviewNotInState),
)
async def withdraw_review(work: Deciding, review_id: IdInPath, wanted: ReviewDecision) -> ReviewRead:
    """Withdraw an approved text as abusive, and take back what it earned."""
    return await logic.withdraw(work.session, review_id, wanted.reason, work.caller)


@router.post(
    "/reviews/{review_id}/reports",
    status_code=201,
    summary="Report a review",
    responses=problem_responses(
        problems.ReviewNotFound,
        MemberNotFound,
        MemberMayNotEarn,
        problems.ReviewReported,
        problems.TooManyToday,
    ),
)
async def report_review(work: Acting, review_id: IdInPath, wanted: ReviewReportCreate) -> ReviewReportRead:
    """Say in a member's name what is wrong with another's approved review, for those who decide reviews."""
    return await logic.report(work.session, review_id, wanted)


@router.get("/review-reports", summary="List reports of reviews")
async def list_review_reports(
    work: Reading, query: Annotated[ReviewReportQuery, Query()]
) -> Page[ReviewReportRead]:
    """What members find wrong with reviews, the latest first."""
    return await logic.read_reports(work.session, query)


@router.get(
    "/review-policies/{kind}",
    summary="Read what reviews have to be like",
    responses=problem_responses(problems.ReviewPolicyNotFound),
)
async def read_review_policy(work: Reading, response: Response, kind: KindInPath) -> ReviewPolicyRead:
    """Length, links, and the event that an approved text of this kind tells."""
    policy, version = await logic.read_policy(work.session, logic.kind_of(kind))
    response.headers["ETag"] = f'"{version}"'
    return policy


@router.patch(
    "/review-policies/{kind}",
    summary="Change what reviews have to be like",
    responses=problem_responses(problems.ReviewPolicyNotFound, ChangedMeanwhile),
)
async def change_review_policy(
    work: Setting, response: Response, kind: KindInPath, wanted: ReviewPolicyUpdate, if_match: IfMatch
) -> ReviewPolicyRead:
    """Change the policy of a kind; texts that wait already are not looked at again."""
    policy, version = await logic.change_policy(work.session, logic.kind_of(kind), wanted, if_match)
    response.headers["ETag"] = f'"{version}"'
    return policy
