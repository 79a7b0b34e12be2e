"""Getting reports, books and courses, for points or for nothing, and giving them back.

A place is taken when a member asks, and is free again where the switch refuses or the course is given back.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import exists, select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject as EventSubject
from host_api.core.events.emission import emit
from host_api.core.events.event_type import EventType
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import Wish, request_many, request_points
from host_api.core.ledger.movements import debit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.services.learning.courses import logic as courses
from host_api.services.learning.courses.schemas import CourseState
from host_api.services.learning.events import LEARNING_BEGUN, LEARNING_RETURNED, LearningPurchaseEvent
from host_api.services.learning.models import Course, LearningPurchase
from host_api.services.learning.purchases import problems, progress, subjects
from host_api.services.learning.purchases.listing import LearningPurchaseFilters, LearningPurchaseQuery
from host_api.services.learning.purchases.schemas import (
    LearningKind,
    LearningPurchaseCreate,
    LearningPurchaseRead,
    LearningPurchaseState,
)
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages.logic import tell_member

SERVICE: Final = "learning"
# A member looks on: a price that the switch has not taken by then is taken back.
PATIENCE: Final = timedelta(minutes=2)

_PAY, _BACK = "pay", "back"
_TO_BE_BOUGHT: Final = (LearningPurchaseState.REFUSED.value, LearningPurchaseState.RETURNED.value)
_TO_BE_RETURNED: Final = (LearningPurchaseState.ACTIVE.value, LearningPurchaseState.UNRETURNED.value)


async def buy(
    session: WriteSession, wanted: LearningPurchaseCreate, caller: Caller
) -> tuple[LearningPurchaseRead, int | None]:
    """Get a thing for a member; and the id of the request for its price, None where it is free.

    Raises:
        MemberNotFound, LibraryDocumentNotFound, CourseNotFound, CourseEnrolmentOver, LearningNotForMember,
        LearningHeld, CourseFull
    """
    now = utc_now()
    # Nobody else gets anything for this member meanwhile.
    member = await members.lock(session, wanted.member_id)
    subject = await subjects.to_buy(session, wanted.kind, wanted.subject_id, now)
    if member.status != MemberStatus.ACTIVE or member.merged_into is not None:
        raise problems.LearningNotForMember
    row = await session.scalar(
        select(LearningPurchase)
        .where(
            LearningPurchase.kind == wanted.kind.value,
            LearningPurchase.subject_id == wanted.subject_id,
            LearningPurchase.member_id == member.id,
        )
        .with_for_update()
    )
    if row is None:
        row = LearningPurchase(
            kind=wanted.kind.value, subject_id=wanted.subject_id, member_id=member.id, attempt=0
        )
    elif row.state not in _TO_BE_BOUGHT:
        raise problems.LearningHeld
    if subject.has_places and await courses.change_places(session, subject.id, -1) is None:
        raise problems.CourseFull
    row.paid_by, row.price, row.purse = member.id, subject.price, subject.purse
    row.state, row.asked_at = LearningPurchaseState.ASKED.value, now
    row.attempt, row.return_attempts = row.attempt + 1, 0
    row.begun_at = row.completed_at = row.returned_at = row.reason = None
    row.response_code = row.rrn = row.certificate_number = None
    session.add(row)
    await session.flush()
    if subject.price == 0:
        await _begin(session, row, subject)
        return shown(row), None
    request_id = await request_points(
        session,
        debit(member.id, subject.purse, subject.price, _reason(row)),
        service=SERVICE,
        reference=f"{row.id}:{_PAY}:{row.attempt}",
        asked_by=caller,
        patience=PATIENCE,
    )
    return shown(row), request_id


async def give_back(
    session: WriteSession, purchase_id: int, caller: Caller, *, reason: str | None = None
) -> LearningPurchaseRead:
    """Take a thing back, and have its units given back with the expiry that they had.

    Parameters:
        reason: of the club, which goes beyond the stated terms; None asks by them.

    Raises:
        LearningPurchaseNotFound, LearningNotActive, RefundNotByPolicy
    """
    row = await lock(session, purchase_id)
    if row.state not in _TO_BE_RETURNED:
        raise problems.LearningNotActive
    if reason is None and row.state == LearningPurchaseState.ACTIVE:
        percent = await progress.percent_done(session, row)
        await subjects.check_refund(session, row, percent, utc_now())
    row.reason = reason or row.reason
    await _give_back(session, [row], caller)
    return shown(row)


async def give_back_cancelled(session: WriteSession, limit: int) -> int:
    """Give back up to `limit` purchases of courses that were cancelled; how many there were."""
    is_cancelled = exists().where(
        Course.id == LearningPurchase.subject_id,
        Course.programme_id == LearningPurchase.programme_id,
        Course.state == CourseState.CANCELLED.value,
    )
    rows = list(
        await session.scalars(
            select(LearningPurchase)
            .where(
                LearningPurchase.kind == LearningKind.COURSE.value,
                LearningPurchase.state == LearningPurchaseState.ACTIVE.value,
                is_cancelled,
            )
            .order_by(LearningPurchase.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    for row in rows:
        row.reason = (await courses.find(session, row.subject_id)).reason
    await _give_back(session, rows, system_caller(SERVICE, programme_of(session.sync_session)))
    return len(rows)


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Keep what became of prices and of what was given back."""
    parts = {outcome.request_id: outcome.reference.split(":") for outcome in outcomes}
    rows = await session.scalars(
        select(LearningPurchase)
        .where(LearningPurchase.id.in_({int(part[0]) for part in parts.values()}))
        .order_by(LearningPurchase.id)
        .with_for_update()
    )
    by_id = {row.id: row for row in rows}
    freed: list[LearningPurchase] = []
    for outcome in outcomes:
        purchase_id, what, *_ = parts[outcome.request_id]
        row = by_id[int(purchase_id)]
        row.response_code = outcome.response_code
        end = _has_freed_by_paying if what == _PAY else _has_freed_by_returning
        if await end(session, row, outcome):
            freed.append(row)
    for row in sorted(freed, key=lambda one: one.subject_id):
        await _free_place(session, row)
    await session.flush()


async def lock(session: WriteSession, purchase_id: int) -> LearningPurchase:
    """One purchase, which nobody else changes until the transaction ends.

    Raises:
        LearningPurchaseNotFound
    """
    row = await session.get(LearningPurchase, purchase_id, with_for_update=True)
    if row is None:
        raise problems.LearningPurchaseNotFound
    return row


async def find(session: AnySession, purchase_id: int) -> LearningPurchase:
    """One purchase.

    Raises:
        LearningPurchaseNotFound
    """
    row = await session.get(LearningPurchase, purchase_id)
    if row is None:
        raise problems.LearningPurchaseNotFound
    return row


async def read(session: AnySession, purchase_id: int) -> LearningPurchaseRead:
    """One purchase as it is shown.

    Raises:
        LearningPurchaseNotFound
    """
    return shown(await find(session, purchase_id))


async def read_page(session: ReadSession, query: LearningPurchaseQuery) -> Page[LearningPurchaseRead]:
    """A page of purchases."""
    rows, next_cursor = await read_rows(session, select(LearningPurchase), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: LearningPurchaseFilters, cursor: str | None, limit: int
) -> tuple[list[LearningPurchaseRead], str | None]:
    """Up to `limit` purchases after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(LearningPurchase), query, cursor, limit)
    return [shown(row) for row in rows], next_cursor


def shown(row: LearningPurchase) -> LearningPurchaseRead:
    """A purchase as it is shown."""
    return LearningPurchaseRead.model_validate(row)


def tell(session: WriteSession, event_type: EventType[LearningPurchaseEvent], row: LearningPurchase) -> None:
    """Write an event of a purchase down."""
    payload = LearningPurchaseEvent(
        purchase_id=row.id,
        kind=LearningKind(row.kind),
        subject_id=row.subject_id,
        member_id=row.member_id,
        price=row.price,
    )
    emit(session, event_type, EventSubject("learning", row.id), payload)


async def _has_freed_by_paying(session: WriteSession, row: LearningPurchase, outcome: Outcome) -> bool:
    if outcome.state is RequestState.APPROVED:
        row.rrn = outcome.rrn
        await _begin(session, row, await subjects.of(session, row))
    elif outcome.state is RequestState.DOUBTFUL:  # of that reconciliation tells the end
        row.state = LearningPurchaseState.DOUBTFUL.value
    else:
        row.state = LearningPurchaseState.REFUSED.value
        return True
    return False


async def _has_freed_by_returning(session: WriteSession, row: LearningPurchase, outcome: Outcome) -> bool:
    if outcome.state is RequestState.APPROVED:
        await _end(session, row)
        return True
    if outcome.state is not RequestState.DOUBTFUL:
        row.state = LearningPurchaseState.UNRETURNED.value
    return False


async def _begin(session: WriteSession, row: LearningPurchase, subject: subjects.Subject) -> None:
    row.state, row.begun_at = LearningPurchaseState.ACTIVE.value, utc_now()
    await session.flush()
    tell(session, LEARNING_BEGUN, row)
    paid_fa = f" ({row.price} امتیاز)" if row.price else ""
    paid_en = f" ({row.price} points)" if row.price else ""
    await tell_member(
        session,
        row.member_id,
        topic=SERVICE,
        reference=f"{row.id}:{row.attempt}:begun",
        text_fa=f"«{subject.title}» برای شما ثبت شد{paid_fa}.",
        text_en=f"“{subject.title}” is yours{paid_en}.",
    )


async def _give_back(session: WriteSession, rows: Sequence[LearningPurchase], caller: Caller) -> None:
    wishes: list[Wish] = []
    for row in rows:
        row.return_attempts += 1
        if row.rrn is None:
            await _end(session, row)
            continue
        row.state = LearningPurchaseState.RETURNING.value
        reference = f"{row.id}:{_BACK}:{row.attempt}:{row.return_attempts}"
        movement = return_of_debit(row.paid_by, row.purse, row.price, row.rrn)
        wishes.append(Wish(movement, reference, _reason(row)))
    await session.flush()
    for row in sorted((row for row in rows if row.rrn is None), key=lambda one: one.subject_id):
        await _free_place(session, row)
    if wishes:
        await request_many(session, wishes, service=SERVICE, asked_by=caller)


async def _end(session: WriteSession, row: LearningPurchase) -> None:
    row.state, row.returned_at = LearningPurchaseState.RETURNED.value, utc_now()
    await progress.forget(session, row)
    await session.flush()
    tell(session, LEARNING_RETURNED, row)
    subject = await subjects.of(session, row)
    why = f" ({row.reason})" if row.reason else ""
    back_fa = f" و {row.price} امتیاز برگشت" if row.price else ""
    back_en = f"; {row.price} points are back in your purse" if row.price else ""
    await tell_member(
        session,
        row.member_id,
        topic=SERVICE,
        reference=f"{row.id}:{row.attempt}:returned",
        text_fa=f"«{subject.title}» پس گرفته شد{why}{back_fa}.",
        text_en=f"“{subject.title}” was given back{why}{back_en}.",
    )


async def _free_place(session: WriteSession, row: LearningPurchase) -> None:
    if (await subjects.of(session, row)).has_places:
        await courses.change_places(session, row.subject_id, 1)


def _reason(row: LearningPurchase) -> str:
    return f"{row.kind} {row.subject_id}"
