"""Giving members credit, changing and ending it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.member_classes.credit_users.events import (
    CREDIT_ENDED,
    CREDIT_GRANTED,
    CreditChange,
)
from host_api.services.member_classes.credit_users.listing import CreditUserQuery
from host_api.services.member_classes.credit_users.models import REASON, CreditUser
from host_api.services.member_classes.credit_users.schemas import (
    CreditState,
    CreditUserCreate,
    CreditUserRead,
    CreditUserUpdate,
)
from host_api.services.members import logic as members


class CreditUserNotFound(Problem):
    """No credit has this id."""

    status = 404
    code = "credit-user-not-found"
    title = "Credit user not found"
    title_fa = "کاربر اعتباری پیدا نشد"
    detail = "There is no credit user with this id."
    detail_fa = "کاربر اعتباری با این شناسه وجود ندارد."


class HasCredit(Problem):
    """The member has credit already."""

    status = 409
    code = "credit-user-exists"
    title = "Has credit already"
    title_fa = "هم‌اکنون اعتبار دارد"
    detail = "This member is a credit user already; change or end that credit."
    detail_fa = "این عضو هم‌اکنون کاربر اعتباری است؛ همان را تغییر یا پایان دهید."
    field = "member_id"


class CreditIsOver(Problem):
    """The credit has ended."""

    status = 409
    code = "credit-user-over"
    title = "Credit has ended"
    title_fa = "اعتبار پایان یافته است"
    detail = "This credit has ended; give the member a new one."
    detail_fa = "این اعتبار پایان یافته است؛ اعتبار تازه‌ای بدهید."


class ValidityUpsideDown(Problem):
    """The validity ends before it begins."""

    status = 409
    code = "credit-user-validity"
    title = "Validity ends before it begins"
    title_fa = "پایان پیش از آغاز است"
    detail = "valid_until must be later than valid_from, and later than now."
    detail_fa = "پایان باید پس از آغاز و پس از اکنون باشد."
    field = "valid_until"


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit in force; `ceiling` in rial."""

    ceiling: int
    valid_until: datetime | None


async def create(session: WriteSession, cipher: FieldCipher, wanted: CreditUserCreate) -> CreditUser:
    """Give a member credit.

    Raises:
        members.MemberNotFound, HasCredit, ValidityUpsideDown
    """
    await members.read(session, wanted.member_id)
    now = utc_now()
    row = CreditUser(
        member_id=wanted.member_id,
        ceiling=wanted.ceiling,
        valid_from=wanted.valid_from or now,
        valid_until=wanted.valid_until,
        state=CreditState.ACTIVE.value,
        created_at=now,
        ended_at=None,
    )
    _check_validity(row, now)
    async with conflict_as(HasCredit()):
        session.add(row)
        await session.flush()
    REASON.seal(cipher, row, wanted.reason)
    _tell(session, row)
    await session.flush()
    return row


async def find(session: AnySession, credit_id: int) -> CreditUser:
    """One credit.

    Raises:
        CreditUserNotFound
    """
    row = await session.get(CreditUser, credit_id)
    if row is None:
        raise CreditUserNotFound
    return row


async def read_page(
    session: ReadSession, cipher: FieldCipher, query: CreditUserQuery
) -> Page[CreditUserRead]:
    """A page of credit users."""
    rows, next_cursor = await read_rows(session, select(CreditUser), query)
    return Page(items=[shown(cipher, row) for row in rows], next_cursor=next_cursor)


async def change(
    session: WriteSession, cipher: FieldCipher, credit_id: int, if_match: str, wanted: CreditUserUpdate
) -> CreditUser:
    """Change what is given.

    Raises:
        CreditUserNotFound, CreditIsOver, ValidityUpsideDown, ChangedMeanwhile
    """
    row = await _lock_active(session, credit_id)
    check_version(row, if_match)
    if wanted.ceiling is not None:
        row.ceiling = wanted.ceiling
    if "valid_until" in wanted.model_fields_set:
        row.valid_until = wanted.valid_until
        _check_validity(row, utc_now())
    if wanted.reason is not None:
        REASON.seal(cipher, row, wanted.reason)
    await session.flush()
    return row


async def end(session: WriteSession, credit_id: int) -> CreditUser:
    """End a credit now.

    Raises:
        CreditUserNotFound, CreditIsOver
    """
    row = await _lock_active(session, credit_id)
    _end(session, row, CreditState.ENDED)
    await session.flush()
    return row


async def credit_of(session: AnySession, member_id: int, at: datetime) -> Credit | None:
    """The credit that a member has at a time; None for everybody else."""
    row = await session.scalar(
        select(CreditUser).where(
            CreditUser.member_id == member_id,
            CreditUser.state == CreditState.ACTIVE.value,
            CreditUser.valid_from <= at,
            or_(CreditUser.valid_until.is_(None), CreditUser.valid_until > at),
        )
    )
    return None if row is None else Credit(row.ceiling, row.valid_until)


async def expire(session: WriteSession, now: datetime, limit: int) -> int:
    """Mark up to `limit` credits whose validity is over, and give their number."""
    rows = await session.scalars(
        select(CreditUser)
        .where(CreditUser.state == CreditState.ACTIVE.value, CreditUser.valid_until <= now)
        .order_by(CreditUser.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    expired = rows.all()
    for row in expired:
        _end(session, row, CreditState.EXPIRED)
    await session.flush()
    return len(expired)


def shown(cipher: FieldCipher, row: CreditUser) -> CreditUserRead:
    """A credit as people see it."""
    return CreditUserRead(
        id=row.id,
        member_id=row.member_id,
        ceiling=row.ceiling,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        reason=REASON.open(cipher, row),
        state=CreditState(row.state),
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def _end(session: WriteSession, row: CreditUser, state: CreditState) -> None:
    row.state, row.ended_at = state.value, utc_now()
    _tell(session, row)


async def _lock_active(session: WriteSession, credit_id: int) -> CreditUser:
    row = await session.get(CreditUser, credit_id, with_for_update=True)
    if row is None:
        raise CreditUserNotFound
    if row.state != CreditState.ACTIVE:
        raise CreditIsOver
    return row


def _check_validity(row: CreditUser, now: datetime) -> None:
    if row.valid_until is not None and row.valid_until <= max(row.valid_from, now):
        raise ValidityUpsideDown


def _tell(session: WriteSession, row: CreditUser) -> None:
    state = CreditState(row.state)
    emit(
        session,
        CREDIT_GRANTED if state is CreditState.ACTIVE else CREDIT_ENDED,
        Subject("member", row.member_id),
        CreditChange(id=row.id, member_id=row.member_id, ceiling=row.ceiling, state=state),
    )
