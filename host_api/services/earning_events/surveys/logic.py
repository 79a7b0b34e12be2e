"""Making surveys, answering them, and what the answers say."""

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.earning_events.surveys import problems
from host_api.services.earning_events.surveys.listing import AnswerQuery, SurveyQuery
from host_api.services.earning_events.surveys.models import Survey, SurveyAnswer, SurveyParticipant
from host_api.services.earning_events.surveys.questions import (
    SurveyQuestion,
    Tally,
    checked_answers,
    count_in,
)
from host_api.services.earning_events.surveys.schemas import (
    AnswerCreate,
    AnswerRead,
    ParticipationRead,
    QuestionResult,
    SurveyCreate,
    SurveyRead,
    SurveyResults,
    SurveyState,
    SurveyUpdate,
)
from host_api.services.earning_events.telling import logic as events
from host_api.services.earning_events.telling.problems import MemberMayNotEarn
from host_api.services.groups.audience import is_in, stored_audience
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus

# Fewer anonymous answers than this might be told apart.
LEAST_SHOWN: Final = 5
_AT_ONCE: Final = 1000
# As many as a number of JSON tells apart everywhere (RFC 8259, section 6).
_ANSWER_IDS: Final = 2**53 - 1


async def create(session: WriteSession, wanted: SurveyCreate) -> tuple[SurveyRead, str]:
    """Make a survey; it and its ETag."""
    row = Survey(
        title=wanted.title,
        title_fa=wanted.title_fa,
        questions=[question.model_dump(mode="json") for question in wanted.questions],
        audience=stored_audience(wanted.audience),
        event=wanted.event,
        is_anonymous=wanted.is_anonymous,
        is_published=False,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        created_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    return _read(row, 0, utc_now()), etag(row)


async def change(
    session: WriteSession, survey_id: int, wanted: SurveyUpdate, if_match: str
) -> tuple[SurveyRead, str]:
    """Change or publish a survey; it and its ETag.

    Raises:
        SurveyNotFound, ChangedMeanwhile, SurveyIsPublished, SurveyTimes
    """
    row = await session.get(Survey, survey_id, with_for_update=True)
    if row is None:
        raise problems.SurveyNotFound
    check_version(row, if_match)
    given = wanted.model_fields_set
    if row.is_published and (given & {"questions", "audience"} or wanted.is_published is False):
        raise problems.SurveyIsPublished
    if wanted.questions is not None:
        row.questions = [question.model_dump(mode="json") for question in wanted.questions]
    if "audience" in given:
        row.audience = stored_audience(wanted.audience)
    for name in ("title", "title_fa", "starts_at", "ends_at", "is_published"):
        value = getattr(wanted, name)
        if value is not None:
            setattr(row, name, value)
    if row.starts_at >= row.ends_at:
        raise problems.SurveyTimes
    await session.flush()
    return await _shown(session, row), etag(row)


async def read(session: AnySession, survey_id: int) -> tuple[SurveyRead, str]:
    """A survey, and its ETag.

    Raises:
        SurveyNotFound
    """
    row = await _find(session, survey_id)
    return await _shown(session, row), etag(row)


async def read_page(session: ReadSession, query: SurveyQuery) -> Page[SurveyRead]:
    """A page of surveys."""
    rows, next_cursor = await read_rows(session, select(Survey), query)
    counts = await _answer_counts(session, [row.id for row in rows])
    now = utc_now()
    return Page(items=[_read(row, counts.get(row.id, 0), now) for row in rows], next_cursor=next_cursor)


async def answer(
    session: WriteSession, survey_id: int, wanted: AnswerCreate, caller: Caller
) -> ParticipationRead:
    """Take a member's answers; they earn by the survey's event.

    Raises:
        SurveyNotFound, SurveyNotOpen, members.MemberNotFound, MemberMayNotEarn, NotAsked, AnsweredAlready,
        ValidationFailed
    """
    survey, now = await _find(session, survey_id), utc_now()
    if _state(survey, now) is not SurveyState.OPEN:
        raise problems.SurveyNotOpen
    answers = checked_answers(_questions(survey), wanted.answers)
    member = await members.lock(session, wanted.member_id)
    if member.status != MemberStatus.ACTIVE or member.merged_into is not None:
        raise MemberMayNotEarn
    if not await is_in(session, survey.audience, wanted.member_id, now):
        raise problems.NotAsked
    participant = SurveyParticipant(survey_id=survey_id, member_id=wanted.member_id, event_id=None)
    async with conflict_as(problems.AnsweredAlready()), session.begin_nested():
        session.add(participant)
        await session.flush()
    session.add(
        SurveyAnswer(
            id=secrets.randbelow(_ANSWER_IDS) + 1,
            survey_id=survey_id,
            member_id=None if survey.is_anonymous else wanted.member_id,
            answered_at=None if survey.is_anonymous else now,
            answers=dict(answers),
        )
    )
    event = await events.tell_if_possible(
        session,
        events.Telling(
            survey.event,
            wanted.member_id,
            f"survey#{survey_id}.{wanted.member_id}",
            attributes={"survey": survey_id},
        ),
        caller,
    )
    participant.event_id = None if event is None else event.id
    await session.flush()
    return ParticipationRead(survey_id=survey_id, member_id=wanted.member_id, event_id=participant.event_id)


async def read_answers(session: ReadSession, survey_id: int, query: AnswerQuery) -> Page[AnswerRead]:
    """A page of answers.

    Raises:
        SurveyNotFound, AnswersHidden
    """
    survey = await _find(session, survey_id)
    if survey.is_anonymous and await _answer_count(session, survey_id) < LEAST_SHOWN:
        raise problems.AnswersHidden
    rows, next_cursor = await read_rows(
        session, select(SurveyAnswer).where(SurveyAnswer.survey_id == survey_id), query
    )
    items = [
        AnswerRead(id=row.id, member_id=row.member_id, answered_at=row.answered_at, answers=row.answers)
        for row in rows
    ]
    return Page(items=items, next_cursor=next_cursor)


async def results(session: ReadSession, survey_id: int) -> SurveyResults:
    """Counts and averages of all answers.

    Raises:
        SurveyNotFound
    """
    survey = await _find(session, survey_id)
    questions = _questions(survey)
    tallies = {question.name: Tally() for question in questions}
    number = await _answer_count(session, survey_id)
    if not survey.is_anonymous or number >= LEAST_SHOWN:
        last = 0
        while True:
            rows = (
                await session.execute(
                    select(SurveyAnswer.id, SurveyAnswer.answers)
                    .where(SurveyAnswer.survey_id == survey_id, SurveyAnswer.id > last)
                    .order_by(SurveyAnswer.id)
                    .limit(_AT_ONCE)
                )
            ).all()
            if not rows:
                break
            for last, answers in rows:  # noqa: B007  (the last one is where the next page begins)
                count_in(tallies, questions, answers)
    return SurveyResults(
        survey_id=survey_id,
        answers=number,
        questions=[_result(question, tallies[question.name]) for question in questions],
    )


async def participations_of(session: AnySession, member_id: int) -> list[SurveyParticipant]:
    """The surveys that a member has answered."""
    rows = await session.scalars(select(SurveyParticipant).where(SurveyParticipant.member_id == member_id))
    return list(rows)


async def answers_of(session: AnySession, member_id: int) -> list[SurveyAnswer]:
    """A member's answers, but for anonymous ones."""
    return list(await session.scalars(select(SurveyAnswer).where(SurveyAnswer.member_id == member_id)))


async def forget_answers(session: WriteSession, member_id: int) -> None:
    """Erase a member's answers; that there was one stays in no count."""
    await session.execute(delete(SurveyAnswer).where(SurveyAnswer.member_id == member_id))


def _result(question: SurveyQuestion, tally: Tally) -> QuestionResult:
    has_numbers = tally.least is not None
    return QuestionResult(
        name=question.name,
        kind=question.kind,
        answered=tally.answered,
        counts=tally.counts,
        average_hundredths=tally.average_hundredths if has_numbers else None,
        least=tally.least,
        most=tally.most,
    )


async def _find(session: AnySession, survey_id: int) -> Survey:
    row = await session.get(Survey, survey_id)
    if row is None:
        raise problems.SurveyNotFound
    return row


def _questions(survey: Survey) -> list[SurveyQuestion]:
    return [SurveyQuestion.model_validate(entry) for entry in survey.questions]


def _state(survey: Survey, now: datetime) -> SurveyState:
    if not survey.is_published:
        return SurveyState.DRAFT
    if now < survey.starts_at:
        return SurveyState.AHEAD
    return SurveyState.OPEN if now < survey.ends_at else SurveyState.ENDED


async def _answer_counts(session: AnySession, survey_ids: list[int]) -> dict[int, int]:
    rows = await session.execute(
        select(SurveyAnswer.survey_id, func.count())
        .where(SurveyAnswer.survey_id.in_(survey_ids))
        .group_by(SurveyAnswer.survey_id)
    )
    return {row[0]: row[1] for row in rows}


async def _answer_count(session: AnySession, survey_id: int) -> int:
    return (await _answer_counts(session, [survey_id])).get(survey_id, 0)


async def _shown(session: AnySession, row: Survey) -> SurveyRead:
    return _read(row, await _answer_count(session, row.id), utc_now())


def _read(row: Survey, answers: int, now: datetime) -> SurveyRead:
    return SurveyRead(
        id=row.id,
        title=row.title,
        title_fa=row.title_fa,
        questions=_questions(row),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        audience=row.audience,
        event=row.event,
        is_anonymous=row.is_anonymous,
        state=_state(row, now),
        answers=answers,
        created_at=row.created_at,
    )
