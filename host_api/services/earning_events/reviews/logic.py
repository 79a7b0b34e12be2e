"""Writing, approving, rejecting and withdrawing reviews."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.default_rows import insert_missing
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.events import REVIEW_DECIDED, ReviewDecided
from host_api.services.earning_events.reviews import problems
from host_api.services.earning_events.reviews.listing import ReviewQuery, ReviewReportQuery
from host_api.services.earning_events.reviews.models import Review, ReviewPolicy, ReviewReport
from host_api.services.earning_events.reviews.schemas import (
    MOST_CHARACTERS,
    ReviewCreate,
    ReviewKind,
    ReviewPolicyRead,
    ReviewPolicyUpdate,
    ReviewRead,
    ReviewReportCreate,
    ReviewReportRead,
    ReviewState,
    SubjectKind,
)
from host_api.services.earning_events.reviews.subjects import check_subject
from host_api.services.earning_events.reviews.text_check import digest_of, has_link
from host_api.services.earning_events.telling import logic as events
from host_api.services.earning_events.telling.problems import MemberMayNotEarn, NothingToTakeBack
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.merchants import logic as merchants
from host_api.services.messages.logic import tell_member

_DEFAULTS = {
    ReviewKind.REVIEW: ReviewPolicyRead(
        kind=ReviewKind.REVIEW,
        event="review",
        least_characters=10,
        most_characters=MOST_CHARACTERS,
        are_links_allowed=False,
        most_waiting=10,
        most_per_day=20,
    ),
    ReviewKind.PRAISE: ReviewPolicyRead(
        kind=ReviewKind.PRAISE,
        event="custom:praise",
        least_characters=50,
        most_characters=MOST_CHARACTERS,
        are_links_allowed=False,
        most_waiting=3,
        most_per_day=20,
    ),
}
_SHOWN = (ReviewState.WAITING, ReviewState.APPROVED)
_BEFORE = {
    ReviewState.APPROVED: ReviewState.WAITING,
    ReviewState.REJECTED: ReviewState.WAITING,
    ReviewState.WITHDRAWN: ReviewState.APPROVED,
}
_TOPIC = "reviews"
_DAY = timedelta(hours=24)


async def write(session: WriteSession, wanted: ReviewCreate, caller: Caller) -> ReviewRead:
    """Take a text of a member; it waits for a person.

    Raises:
        members.MemberNotFound, MemberMayNotEarn, merchants.BranchNotFound, and those of `problems`.
    """
    member = await members.lock(session, wanted.member_id)
    if member.status != MemberStatus.ACTIVE or member.merged_into is not None:
        raise MemberMayNotEarn
    if wanted.subject_kind is SubjectKind.BRANCH:
        await merchants.find_branch(session, min(int(wanted.subject), LARGEST_ID))
    await check_subject(session, wanted.subject_kind, wanted.subject)
    row = await session.scalar(
        select(Review).where(
            Review.kind == wanted.kind.value,
            Review.subject_kind == wanted.subject_kind.value,
            Review.subject == wanted.subject,
            Review.member_id == wanted.member_id,
        )
    )
    if row is not None and row.state != ReviewState.REJECTED:
        raise problems.ReviewExists
    digest = digest_of(wanted.text)
    await _check_text(session, wanted, digest, without=row)
    if row is None:
        row = Review(
            kind=wanted.kind.value,
            subject_kind=wanted.subject_kind.value,
            subject=wanted.subject,
            member_id=wanted.member_id,
            attempt=0,
            event_id=None,
        )
        session.add(row)
    row.text, row.digest, row.stars = wanted.text, digest, wanted.stars
    row.attempt += 1
    row.state, row.written_at = ReviewState.WAITING.value, utc_now()
    row.decided_at = row.decided_by_name = row.reason = None
    # The member's row is held: nobody else writes in this member's name.
    await session.flush()
    return await _shown(session, row)


async def read(session: AnySession, review_id: int) -> ReviewRead:
    """One text.

    Raises:
        ReviewNotFound
    """
    row = await session.get(Review, review_id)
    if row is None:
        raise problems.ReviewNotFound
    return await _shown(session, row)


async def read_page(session: ReadSession, query: ReviewQuery) -> Page[ReviewRead]:
    """A page of texts."""
    rows, next_cursor = await read_rows(session, select(Review), query)
    same = await _same_texts(session, rows)
    return Page(items=[_read(row, same.get(row.id, 0)) for row in rows], next_cursor=next_cursor)


async def approve(session: WriteSession, review_id: int, caller: Caller) -> ReviewRead:
    """Approve a text that waits: it earns by the event of its kind, if there is such a type.

    Raises:
        ReviewNotFound, ReviewNotInState
    """
    row = await _decided(session, review_id, ReviewState.APPROVED, None, caller)
    policy, _ = await read_policy(session, ReviewKind(row.kind))
    event = await events.tell_if_possible(
        session,
        events.Telling(
            policy.event,
            row.member_id,
            f"review#{row.id}.{row.attempt}",
            attributes={"subject": row.subject, "stars": row.stars},
        ),
        caller,
    )
    row.event_id = None if event is None else event.id
    await session.flush()
    return await _shown(session, row)


async def reject(session: WriteSession, review_id: int, reason: str, caller: Caller) -> ReviewRead:
    """Turn a text down that waits, and tell the member why.

    Raises:
        ReviewNotFound, ReviewNotInState
    """
    row = await _decided(session, review_id, ReviewState.REJECTED, reason, caller)
    await _tell(
        session,
        row,
        f"نظر شما تأیید نشد: {reason}. می‌توانید دوباره بنویسید.",
        f"Your review was not approved: {reason}. You may write it again.",
    )
    return await _shown(session, row)


async def withdraw(session: WriteSession, review_id: int, reason: str, caller: Caller) -> ReviewRead:
    """Withdraw an approved text as abusive: what it earned is taken back, and the member is told why.

    Raises:
        ReviewNotFound, ReviewNotInState
    """
    row = await _decided(session, review_id, ReviewState.WITHDRAWN, reason, caller)
    if row.event_id is not None:
        with suppress(NothingToTakeBack):  # it may have earned nothing
            await events.take_back(session, row.event_id, reason, caller)
    await _tell(
        session,
        row,
        f"نظر شما برداشته شد: {reason}. امتیاز آن پس گرفته می‌شود.",
        f"Your review was removed: {reason}. What it earned is taken back.",
    )
    return await _shown(session, row)


async def report(session: WriteSession, review_id: int, wanted: ReviewReportCreate) -> ReviewReportRead:
    """Take what a member finds wrong with another's approved review, once.

    Raises:
        ReviewNotFound, members.MemberNotFound, MemberMayNotEarn, ReviewReported, TooManyToday
    """
    member = await members.lock(session, wanted.member_id)
    if member.status != MemberStatus.ACTIVE or member.merged_into is not None:
        raise MemberMayNotEarn
    review = await session.get(Review, review_id)
    if review is None or review.state != ReviewState.APPROVED:
        raise problems.ReviewNotFound
    if review.member_id == wanted.member_id:
        raise problems.ReviewReported
    policy, _ = await read_policy(session, ReviewKind(review.kind))
    of_member = ReviewReport.member_id == wanted.member_id
    await _check_day(session, of_member, ReviewReport.reported_at, policy)
    row = ReviewReport(review_id=review_id, **wanted.model_dump(), reported_at=utc_now())
    session.add(row)
    async with conflict_as(problems.ReviewReported()):
        await session.flush()
    return ReviewReportRead.model_validate(row)


async def read_reports(session: ReadSession, query: ReviewReportQuery) -> Page[ReviewReportRead]:
    """A page of reports."""
    rows, next_cursor = await read_rows(session, select(ReviewReport), query)
    return Page(items=[ReviewReportRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def approved_about(
    session: AnySession, kind: SubjectKind, subject: str, limit: int
) -> list[tuple[str, int | None, datetime]]:
    """Text, stars and time of the latest approved reviews about something, without who wrote them."""
    rows = await session.execute(
        select(Review.text, Review.stars, Review.written_at)
        .where(
            Review.kind == ReviewKind.REVIEW.value,
            Review.subject_kind == kind.value,
            Review.subject == subject,
            Review.state == ReviewState.APPROVED.value,
        )
        .order_by(Review.id.desc())
        .limit(limit)
    )
    return [(text, stars, at) for text, stars, at in rows]


def kind_of(written: str) -> ReviewKind:
    """A kind of texts by its name.

    Raises:
        ReviewPolicyNotFound
    """
    try:
        return ReviewKind(written)
    except ValueError:
        raise problems.ReviewPolicyNotFound from None


async def read_policy(session: AnySession, kind: ReviewKind) -> tuple[ReviewPolicyRead, int]:
    """What texts of a kind have to be like, and the version of that."""
    row = await _policy_row(session, kind)
    return (_DEFAULTS[kind], 1) if row is None else (_policy(row), row.version)


async def change_policy(
    session: WriteSession, kind: ReviewKind, wanted: ReviewPolicyUpdate, if_match: str
) -> tuple[ReviewPolicyRead, int]:
    """Change what texts of a kind have to be like; it and its version.

    Raises:
        ChangedMeanwhile
    """
    values = _DEFAULTS[kind].model_dump(mode="json")
    await insert_missing(session, ReviewPolicy, [{**values, "version": 1}])
    row = await _policy_row(session, kind, for_update=True)
    if row is None:
        raise LookupError("a policy has gone")
    check_version(row, if_match)
    for name in wanted.model_fields_set:
        value = getattr(wanted, name)
        if value is not None:
            setattr(row, name, value)
    await session.flush()
    return _policy(row), row.version


async def _check_text(session: AnySession, wanted: ReviewCreate, digest: str, without: Review | None) -> None:
    policy, _ = await read_policy(session, wanted.kind)
    if not policy.least_characters <= len(wanted.text) <= policy.most_characters:
        raise problems.ReviewTextLength
    if not policy.are_links_allowed and has_link(wanted.text):
        raise problems.ReviewHasLink
    own = (Review.member_id == wanted.member_id, Review.id != (0 if without is None else without.id))
    repeated = select(Review.id).where(Review.digest == digest, Review.state.in_(_SHOWN), *own).limit(1)
    if await session.scalar(repeated) is not None:
        raise problems.ReviewRepeated
    waiting = select(func.count(Review.id)).where(
        Review.state == ReviewState.WAITING.value, Review.kind == wanted.kind.value, *own
    )
    if (await session.scalar(waiting) or 0) >= policy.most_waiting:
        raise problems.TooManyWaiting
    await _check_day(session, Review.member_id == wanted.member_id, Review.written_at, policy)


async def _check_day(
    session: AnySession,
    of_member: ColumnElement[bool],
    written_at: InstrumentedAttribute[datetime],
    policy: ReviewPolicyRead,
) -> None:
    """Raises: TooManyToday."""
    today = select(func.count()).where(of_member, written_at > utc_now() - _DAY)
    if (await session.scalar(today) or 0) >= policy.most_per_day:
        raise problems.TooManyToday


async def _decided(
    session: WriteSession, review_id: int, after: ReviewState, reason: str | None, caller: Caller
) -> Review:
    row = await session.get(Review, review_id, with_for_update=True)
    if row is None:
        raise problems.ReviewNotFound
    if row.state != _BEFORE[after]:
        raise problems.ReviewNotInState
    row.state, row.reason = after.value, reason
    row.decided_at, row.decided_by_name = utc_now(), caller.name
    emit(
        session,
        REVIEW_DECIDED,
        Subject("review", row.id),
        ReviewDecided(review_id=row.id, member_id=row.member_id, state=after),
    )
    await session.flush()
    return row


async def _tell(session: WriteSession, row: Review, text_fa: str, text_en: str) -> None:
    reference = f"{row.id}:{row.attempt}:{row.state}"
    await tell_member(
        session, row.member_id, topic=_TOPIC, reference=reference, text_fa=text_fa, text_en=text_en
    )


async def _policy_row(
    session: AnySession, kind: ReviewKind, *, for_update: bool = False
) -> ReviewPolicy | None:
    key = (programme_of(session.sync_session), kind.value)
    return await session.get(ReviewPolicy, key, with_for_update=for_update or None)


async def _same_texts(session: AnySession, rows: Sequence[Review]) -> dict[int, int]:
    """How many texts of others have the same words, by id."""
    found = await session.execute(
        select(Review.digest, Review.member_id, func.count(Review.id))
        .where(Review.digest.in_({row.digest for row in rows}))
        .group_by(Review.digest, Review.member_id)
    )
    counts: dict[str, dict[int, int]] = {}
    for digest, member_id, number in found:
        counts.setdefault(digest, {})[member_id] = number
    return {
        row.id: sum(number for member, number in counts[row.digest].items() if member != row.member_id)
        for row in rows
    }


async def _shown(session: AnySession, row: Review) -> ReviewRead:
    return _read(row, (await _same_texts(session, [row])).get(row.id, 0))


def _read(row: Review, same_texts: int) -> ReviewRead:
    return ReviewRead(
        id=row.id,
        kind=ReviewKind(row.kind),
        subject_kind=SubjectKind(row.subject_kind),
        subject=row.subject,
        member_id=row.member_id,
        text=row.text,
        stars=row.stars,
        state=ReviewState(row.state),
        attempt=row.attempt,
        same_texts=same_texts,
        written_at=row.written_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by_name,
        reason=row.reason,
        event_id=row.event_id,
    )


def _policy(row: ReviewPolicy) -> ReviewPolicyRead:
    return ReviewPolicyRead(
        kind=ReviewKind(row.kind),
        event=row.event,
        least_characters=row.least_characters,
        most_characters=row.most_characters,
        are_links_allowed=row.are_links_allowed,
        most_waiting=row.most_waiting,
        most_per_day=row.most_per_day,
    )
