"""Results: entered by one person, decided by another, corrected until winners are weighed."""

from datetime import timedelta

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.second_person import AlreadyDecided, Asker, asked_by, decide
from host_api.services.contests import repository
from host_api.services.contests.definition import Scenario
from host_api.services.contests.entry_schemas import ResultCreate, ResultRead, ResultState
from host_api.services.contests.logic import QUESTIONS, state_of
from host_api.services.contests.models import Contest, ContestResult
from host_api.services.contests.problems import AnswersNotAllowed, ContestElsewhere
from host_api.services.contests.schemas import ContestState

_OVER = (ContestState.CLOSED, ContestState.DECIDED)


async def enter(session: WriteSession, contest_id: int, wanted: ResultCreate, caller: Caller) -> ResultRead:
    """Enter the result of a contest that is closed; also another one, until winners are weighed.

    Raises:
        ContestNotFound, ContestElsewhere, AnswersNotAllowed
    """
    contest, _ = await repository.lock(session, contest_id)
    if state_of(contest, utc_now()) not in _OVER:
        raise ContestElsewhere
    return shown(await _add(session, contest, wanted, asked_by(caller)))


async def enter_known(session: WriteSession, contest_id: int) -> bool:
    """Enter the result of a closed quiz in the name of who wrote its answers; whether that was to be done."""
    contest, _ = await repository.lock(session, contest_id)
    is_due = contest.scenario == Scenario.QUIZ and state_of(contest, utc_now()) is ContestState.CLOSED
    if not is_due or await repository.results(session, contest_id, limit=1):
        return False
    author = Asker(asked_by=contest.written_by, asked_by_name=contest.written_by_name, asked_at=utc_now())
    await _add(session, contest, ResultCreate(), author)
    return True


async def approve(session: WriteSession, result_id: int, caller: Caller, note: str | None) -> ResultRead:
    """Approve the latest result of a contest: winners are weighed by it once none can correct it.

    Raises:
        ResultNotFound, ContestElsewhere, AlreadyDecided, OwnAct
    """
    contest, result = await _lock(session, result_id)
    if state_of(contest, utc_now()) not in _OVER:
        raise ContestElsewhere
    decide(result, ResultState.APPROVED, caller)
    if contest.result_id is not None:
        before = await repository.find_result(session, contest.result_id, for_update=True)
        if before.id > result.id:
            raise AlreadyDecided
        before.state = ResultState.REPLACED.value
    result.note = note or result.note
    contest.result_id = result.id
    contest.settle_from = utc_now() + timedelta(minutes=contest.correction_minutes)
    await session.flush()
    return shown(result)


async def reject(session: WriteSession, result_id: int, caller: Caller, note: str | None) -> ResultRead:
    """Turn a result of another down; a result approved before stays in force.

    Raises:
        ResultNotFound, AlreadyDecided, OwnAct
    """
    _, result = await _lock(session, result_id)
    decide(result, ResultState.REJECTED, caller)
    result.note = note or result.note
    await session.flush()
    return shown(result)


async def of_contest(session: AnySession, contest_id: int) -> list[ResultRead]:
    """A contest's results, the latest first.

    Raises:
        ContestNotFound
    """
    await repository.find(session, contest_id)
    return [shown(result) for result in await repository.results(session, contest_id)]


def shown(result: ContestResult) -> ResultRead:
    """A result as it is shown."""
    return ResultRead.model_validate(
        {name: getattr(result, name) for name in ("id", "contest_id", "answers", "ranking", "state", "note")}
        | {"asked_by": result.asked_by_name, "asked_at": result.asked_at}
        | {"decided_by": result.decided_by_name, "decided_at": result.decided_at}
    )


async def _lock(session: WriteSession, result_id: int) -> tuple[Contest, ContestResult]:
    found = await repository.find_result(session, result_id)
    contest, _ = await repository.lock(session, found.contest_id)
    return contest, await repository.find_result(session, result_id, for_update=True)


async def _add(session: WriteSession, contest: Contest, wanted: ResultCreate, author: Asker) -> ContestResult:
    result = ContestResult(
        contest_id=contest.id,
        answers=_answers(contest, wanted),
        ranking=await _ranking(session, contest),
        note=wanted.note,
        state=ResultState.ASKED.value,
        **author,
    )
    session.add(result)
    await session.flush()
    return result


async def _ranking(session: AnySession, contest: Contest) -> list[int]:
    """Scores stand still once the contest is closed, so that the second person sees who wins."""
    if contest.scenario != Scenario.RANKING:
        return []
    return await repository.ranking(session, contest.id, len(contest.ranks))


def _answers(contest: Contest, wanted: ResultCreate) -> dict[str, list[str]]:
    """The right options of each question.

    Raises:
        AnswersNotAllowed
    """
    answers = wanted.answers
    if contest.right_answers is not None and not answers:
        answers = {question: [str(option)] for question, option in contest.right_answers.items()}
    options = {
        question.code: {option.code for option in question.options}
        for question in QUESTIONS.validate_python(contest.questions)
    }
    if set(answers) != set(options):
        raise AnswersNotAllowed
    for question, right in answers.items():
        if not set(right) <= options[question] or len(set(right)) != len(right):
            raise AnswersNotAllowed
    return answers
