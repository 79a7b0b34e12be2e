"""Special days of members."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import select

from host_api.core.bulk.row_numbers import number_new_rows
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.isolation import programme_of
from host_api.core.jalali import Calendar
from host_api.core.locking import ChangedMeanwhile
from host_api.services.members.special_days.models import DAY, SpecialDay
from host_api.services.members.special_days.recurrence import read_written, written
from host_api.services.members.special_days.schemas import BIRTHDAY, SpecialDayRead

_MOST: Final = 20


class SpecialDayNotFound(Problem):
    """The member has no day of this kind."""

    status = 404
    code = "special-day-not-found"
    title = "Special day not found"
    title_fa = "روز ویژه پیدا نشد"
    detail = "The member has no special day of this kind."
    detail_fa = "این عضو روز ویژه‌ای از این گونه ندارد."


class TooManySpecialDays(Problem):
    """A member has as many days as one may have."""

    status = 409
    code = "too-many-special-days"
    title = "Too many special days"
    title_fa = "روزهای ویژه بیش از اندازه است"
    detail = "A member may have at most 20 special days."
    detail_fa = "هر عضو حداکثر ۲۰ روز ویژه می‌تواند داشته باشد."


async def add_birthdays(session: WriteSession, cipher: FieldCipher, days: Mapping[int, date]) -> None:
    """Give new members their birthdays, which come round in the Jalali calendar."""
    if not days:
        return
    rows = {
        member_id: SpecialDay(
            member_id=member_id,
            kind=BIRTHDAY,
            created_at=utc_now(),
            programme_id=programme_of(session.sync_session),
        )
        for member_id in days
    }
    session.add_all(rows.values())
    await number_new_rows(session)
    if any(row.id is None for row in rows.values()):
        await session.flush()
    for member_id, row in rows.items():
        DAY.seal(cipher, row, written(days[member_id], Calendar.JALALI))
    await session.flush()


async def put(
    session: WriteSession,
    cipher: FieldCipher,
    member_id: int,
    *,
    kind: str,
    day: date,
    calendar: Calendar | None = None,
) -> SpecialDayRead:
    """Set a day of a member, who is locked.

    Parameters:
        calendar: in which it comes round; None leaves that as it is, Jalali at first.

    Raises:
        TooManySpecialDays
    """
    held = {row.kind: row for row in await _rows(session, member_id)}
    row = held.get(kind)
    if row is None:
        if len(held) >= _MOST:
            raise TooManySpecialDays
        row = SpecialDay(member_id=member_id, kind=kind, created_at=utc_now())
        session.add(row)
        async with conflict_as(ChangedMeanwhile()):
            await session.flush()
    elif calendar is None:
        calendar = _read(cipher, row).calendar
    DAY.seal(cipher, row, written(day, calendar or Calendar.JALALI))
    await session.flush()
    return _read(cipher, row)


async def remove(session: WriteSession, member_id: int, kind: str) -> None:
    """Forget a day of a member.

    Raises:
        SpecialDayNotFound
    """
    if not await forget(session, member_id, kind):
        raise SpecialDayNotFound


async def forget(session: WriteSession, member_id: int, kind: str) -> bool:
    """Forget a day of a member; whether there was one."""
    row = await session.scalar(
        select(SpecialDay).where(SpecialDay.member_id == member_id, SpecialDay.kind == kind)
    )
    if row is None:
        return False
    await session.delete(row)
    await session.flush()
    return True


async def of_member(session: AnySession, cipher: FieldCipher, member_id: int) -> list[SpecialDayRead]:
    """All special days of a member, by kind."""
    return [_read(cipher, row) for row in await _rows(session, member_id)]


async def _rows(session: AnySession, member_id: int) -> list[SpecialDay]:
    found = await session.scalars(
        select(SpecialDay).where(SpecialDay.member_id == member_id).order_by(SpecialDay.kind)
    )
    return list(found)


def _read(cipher: FieldCipher, row: SpecialDay) -> SpecialDayRead:
    text = DAY.open(cipher, row)
    if text is None:
        raise RuntimeError("a special day has no day")
    day, calendar = read_written(text)
    return SpecialDayRead(kind=row.kind, day=day, calendar=calendar)
