"""Endpoints of the contests service."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from host_api.core.awaited_answer import AwaitedAnswer, pending_response
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.runtime import runtime_of
from host_api.core.second_person import AlreadyDecided, OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.budgets.logic import BudgetExhausted, BudgetNotFound, BudgetOfAnotherPurse
from host_api.services.contests import access, entering, logic, policy, problems, results
from host_api.services.contests.entry_schemas import (
    ContestEntryRead,
    EntryCreate,
    ResultCreate,
    ResultDecision,
    ResultRead,
    ScoreReport,
)
from host_api.services.contests.listing import ContestQuery, EntryQuery
from host_api.services.contests.schemas import (
    CancellationCreate,
    ContestCreate,
    ContestPolicyRead,
    ContestPolicyUpdate,
    ContestRead,
    ContestUpdate,
)
from host_api.services.members.logic import MemberNotFound
from host_api.services.prizes.logic import PrizeNotFound

router = APIRouter(tags=["contests"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
Acting = Annotated[WriteWork, writes(access.ACT)]
Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for the switch's decision.")
]

_PENDING = pending_response(ContestEntryRead)


@router.get("/contest-policy", summary="Read the contest policy")
async def read_contest_policy(work: Reading, response: Response) -> ContestPolicyRead:
    """The club's caps, with the `ETag` that a change needs."""
    found = await policy.read(work.session)
    response.headers["ETag"] = etag(found)
    return policy.shown(found)


@router.patch(
    "/contest-policy", summary="Change the contest policy", responses=problem_responses(ChangedMeanwhile)
)
async def change_contest_policy(
    work: Writing, response: Response, if_match: IfMatch, wanted: ContestPolicyUpdate
) -> ContestPolicyRead:
    """Change what is given; it holds for entries from now on."""
    changed = await policy.change(work.session, if_match, wanted)
    response.headers["ETag"] = etag(changed)
    return policy.shown(changed)


@router.post("/contests", status_code=201, summary="Write a contest", responses=problem_responses())
async def create_contest(work: Writing, response: Response, wanted: ContestCreate) -> ContestRead:
    """Store a draft; it opens by itself at `starts_at` once it is published."""
    contest, response.headers["ETag"] = await logic.create(work.session, wanted, work.caller)
    return contest


@router.get("/contests", summary="List contests")
async def list_contests(work: Reading, query: Annotated[ContestQuery, Query()]) -> Page[ContestRead]:
    """Contests with what they have taken in, the latest first."""
    return await logic.read_page(work.session, query)


@router.get(
    "/contests/{contest_id}", summary="Read a contest", responses=problem_responses(problems.ContestNotFound)
)
async def read_contest(work: Reading, response: Response, contest_id: IdInPath) -> ContestRead:
    """One contest, with the `ETag` that a change needs."""
    contest, response.headers["ETag"] = await logic.read(work.session, contest_id)
    return contest


@router.patch(
    "/contests/{contest_id}",
    summary="Change a contest",
    responses=problem_responses(
        problems.ContestNotFound,
        problems.ContestFixed,
        problems.ContestElsewhere,
        problems.StakeNotAllowed,
        problems.ExposureReached,
        ChangedMeanwhile,
    ),
)
async def change_contest(
    work: Writing, response: Response, contest_id: IdInPath, if_match: IfMatch, wanted: ContestUpdate
) -> ContestRead:
    """Change what is given. Once members have entered, what they relied on stays: texts, audience, caps and
    the end may change, and a prediction may get more options."""
    contest, response.headers["ETag"] = await logic.change(
        work.session, contest_id, if_match, wanted, work.caller
    )
    return contest


@router.post(
    "/contests/{contest_id}/publication",
    status_code=201,
    summary="Publish a contest",
    responses=problem_responses(
        problems.ContestNotFound,
        problems.ContestElsewhere,
        problems.StakeNotAllowed,
        problems.ExposureReached,
        problems.BudgetNeedsCap,
        PrizeNotFound,
        BudgetNotFound,
        BudgetExhausted,
        BudgetOfAnotherPurse,
    ),
)
async def publish_contest(work: Writing, response: Response, contest_id: IdInPath) -> ContestRead:
    """Have a draft open at `starts_at` and close at `ends_at` by itself."""
    contest, response.headers["ETag"] = await logic.publish(work.session, contest_id)
    return contest


@router.post(
    "/contests/{contest_id}/cancellation",
    status_code=201,
    summary="Cancel a contest",
    responses=problem_responses(problems.ContestNotFound, problems.ContestElsewhere),
)
async def cancel_contest(
    work: Deciding, response: Response, contest_id: IdInPath, wanted: CancellationCreate
) -> ContestRead:
    """Take no more entries and give every stake back, with the expiry it had; until winners are weighed."""
    contest, response.headers["ETag"] = await logic.cancel(work.session, contest_id, wanted.reason)
    return contest


@router.post(
    "/contests/{contest_id}/payments",
    status_code=201,
    summary="Pay once more",
    responses=problem_responses(problems.ContestNotFound, problems.ContestElsewhere),
)
async def retry_contest_payments(work: Writing, response: Response, contest_id: IdInPath) -> ContestRead:
    """Try again what the switch has declined: entries that are `unpaid` or `unrefunded`."""
    contest, response.headers["ETag"] = await logic.retry(work.session, contest_id)
    return contest


@router.post(
    "/contests/{contest_id}/entries",
    status_code=201,
    summary="Enter a contest",
    response_model=ContestEntryRead,
    responses={
        **_PENDING,
        **problem_responses(
            MemberNotFound,
            problems.ContestNotFound,
            problems.ContestNotOpen,
            problems.NotAdmitted,
            problems.EntriesUsedUp,
            problems.AnswersNotAllowed,
            problems.StakeNotAllowed,
            problems.ExposureReached,
        ),
    },
)
async def enter_contest(
    request: Request, work: Acting, contest_id: IdInPath, wanted: EntryCreate, wait_s: Waiting = 5
) -> AwaitedAnswer:
    """Enter a member, with answers and stake. 201 tells whether the entry is `accepted` or `refused`; 202
    that the switch has not taken the stake yet. Send an `Idempotency-Key`."""
    runtime, programme_id = runtime_of(request), work.caller.programme_id
    entry, request_id = await entering.enter(work.session, contest_id, wanted, work.caller)

    async def final() -> ContestEntryRead | None:
        if request_id is None:
            return entry
        if await runtime.outcomes.outcome(programme_id, request_id, wait_s) is None:
            return None
        async with runtime.database.reading(programme_id) as session:
            return await entering.read(session, entry.id)

    return AwaitedAnswer(entry, location=f"/v1/contest-entries/{entry.id}", final=final)


@router.get("/contest-entries", summary="List entries")
async def list_contest_entries(
    work: Reading, query: Annotated[EntryQuery, Query()]
) -> Page[ContestEntryRead]:
    """Entries of a contest or a member, the latest first."""
    return await entering.read_page(work.session, query)


@router.get(
    "/contest-entries/{entry_id}",
    summary="Read an entry",
    responses=problem_responses(problems.EntryNotFound),
)
async def read_contest_entry(work: Reading, entry_id: IdInPath) -> ContestEntryRead:
    """One entry by id."""
    return await entering.read(work.session, entry_id)


@router.post(
    "/contest-entries/{entry_id}/scores",
    status_code=201,
    summary="Report a score",
    responses=problem_responses(problems.EntryNotFound, problems.ContestNotOpen),
)
async def report_contest_score(work: Acting, entry_id: IdInPath, wanted: ScoreReport) -> ContestEntryRead:
    """Tell what an entry has reached in an open ranking; its best counts, and of two the earlier."""
    return await entering.report_score(work.session, entry_id, wanted.score)


@router.post(
    "/contests/{contest_id}/results",
    status_code=201,
    summary="Enter a result",
    responses=problem_responses(
        problems.ContestNotFound, problems.ContestElsewhere, problems.AnswersNotAllowed
    ),
)
async def create_contest_result(work: Writing, contest_id: IdInPath, wanted: ResultCreate) -> ResultRead:
    """Enter what came true, once the contest is closed; another person approves it. A correction is another
    result, until winners are weighed."""
    return await results.enter(work.session, contest_id, wanted, work.caller)


@router.get(
    "/contests/{contest_id}/results",
    summary="List results",
    responses=problem_responses(problems.ContestNotFound),
)
async def list_contest_results(work: Reading, contest_id: IdInPath) -> list[ResultRead]:
    """A contest's results, the latest first."""
    return await results.of_contest(work.session, contest_id)


@router.post(
    "/contest-results/{result_id}/approval",
    status_code=201,
    summary="Approve a result",
    responses=problem_responses(problems.ResultNotFound, problems.ContestElsewhere, AlreadyDecided, OwnAct),
)
async def approve_contest_result(work: Deciding, result_id: IdInPath, wanted: ResultDecision) -> ResultRead:
    """As the second person, have winners weighed and paid when the contest's time for corrections is over."""
    return await results.approve(work.session, result_id, work.caller, wanted.note)


@router.post(
    "/contest-results/{result_id}/rejection",
    status_code=201,
    summary="Reject a result",
    responses=problem_responses(problems.ResultNotFound, AlreadyDecided, OwnAct),
)
async def reject_contest_result(work: Deciding, result_id: IdInPath, wanted: ResultDecision) -> ResultRead:
    """Turn a result down."""
    return await results.reject(work.session, result_id, work.caller, wanted.note)
