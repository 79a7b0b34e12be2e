"""Shifts: opened and closed with cash counted by hand, and what went through the till meanwhile.

All shifts of a merchant are opened and closed while it is held, so no two that overlap come to be at once.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, or_, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.locking import check_version
from host_api.services.merchants.logic import BranchNotFound
from host_api.services.merchants.places import hold_places
from host_api.services.operators import logic as operators
from host_api.services.operators.events import SHIFT_CLOSED, SHIFT_OPENED, ShiftTold
from host_api.services.operators.listing import ShiftFilters, ShiftQuery
from host_api.services.operators.models import Shift
from host_api.services.operators.schemas import OperatorStatus
from host_api.services.operators.shift_schemas import (
    OperationTotal,
    ShiftClose,
    ShiftOpen,
    ShiftRead,
    ShiftTotalsRead,
    TotalsBasis,
)
from host_api.services.terminals import logic as terminals
from host_api.services.transactions.terminal_turnover import terminal_turnover

LONGEST_AGO: Final = timedelta(days=7)

_BASIS_TEXTS: Final = {
    TotalsBasis.TERMINAL: (
        "All transactions at the shift's terminal between opening and closing: the switch's journal does not "
        "name the operator.",
        "همهٔ تراکنش‌های پایانهٔ شیفت از آغاز تا پایان آن: دفتر سوئیچ نام اپراتور را ندارد.",
    ),
    TotalsBasis.NOTHING: (
        "No transactions can be counted to this shift: it names no terminal, and the switch's journal no "
        "operator.",
        "تراکنشی را نمی‌توان به این شیفت نسبت داد: پایانه‌ای برای آن ثبت نشده و دفتر سوئیچ نام اپراتور "
        "را ندارد.",
    ),
}


class ShiftNotFound(Problem):
    """No shift has this id."""

    status = 404
    code = "shift-not-found"
    title = "Shift not found"
    title_fa = "شیفت پیدا نشد"
    detail = "There is no shift with this id."
    detail_fa = "شیفتی با این شناسه وجود ندارد."


class ShiftsOverlap(Problem):
    """The operator, or the terminal, has another shift at the time."""

    status = 409
    code = "shifts-overlap"
    title = "Shifts overlap"
    title_fa = "شیفت‌ها هم‌پوشانی دارند"
    detail = (
        "This operator or this terminal has another shift then, or one that is still open; close it first."
    )
    detail_fa = "این اپراتور یا پایانه در آن زمان شیفت دیگری دارد یا شیفتش باز است؛ نخست آن را ببندید."


class NotOnShift(Problem):
    """The operator doesn't work there, or not now."""

    status = 409
    code = "operator-not-there"
    title = "Operator doesn't work there"
    title_fa = "اپراتور آن‌جا کار نمی‌کند"
    detail = "The operator is locked or expired, or doesn't work in this branch; or the branch is closed."
    detail_fa = "اپراتور قفل یا منقضی است یا در این شعبه کار نمی‌کند؛ یا شعبه بسته است."


class TerminalElsewhere(Problem):
    """The terminal stands in another branch."""

    status = 409
    code = "shift-terminal-elsewhere"
    title = "Terminal of another branch"
    title_fa = "پایانه در شعبهٔ دیگری است"
    detail = "This terminal doesn't stand in the shift's branch."
    detail_fa = "این پایانه در شعبهٔ شیفت نیست."
    field = "terminal_id"


class ShiftTimeWrong(Problem):
    """Not in the past, too long ago, or an end before the beginning."""

    status = 409
    code = "shift-time-wrong"
    title = "Time can't be right"
    title_fa = "زمان نادرست است"
    detail = "A shift begins at most seven days ago, ends after its beginning, and neither is in the future."
    detail_fa = "شیفت حداکثر هفت روز پیش آغاز می‌شود، پس از آغازش پایان می‌یابد و هیچ‌کدام در آینده نیست."


class ShiftClosedAlready(Problem):
    """It ended before."""

    status = 409
    code = "shift-closed"
    title = "Shift closed already"
    title_fa = "شیفت پیش‌تر بسته شده است"
    detail = "This shift has been closed already."
    detail_fa = "این شیفت پیش‌تر بسته شده است."


async def open_shift(session: WriteSession, wanted: ShiftOpen, caller: Caller, now: datetime) -> Shift:
    """Have a shift begin.

    Raises:
        BranchNotFound, operators.OperatorNotFound, NotOnShift, terminals.TerminalNotFound, TerminalElsewhere,
        ShiftTimeWrong, ShiftsOverlap
    """
    opened_at = wanted.opened_at or now
    if not now - LONGEST_AGO <= opened_at <= now:
        raise ShiftTimeWrong
    place = (await hold_places(session, [wanted.branch_id])).get(wanted.branch_id)
    if place is None:
        raise BranchNotFound
    operator = await operators.find(session, wanted.operator_id)
    works_there = operator.merchant_key == place.merchant and operators.works_at(operator, place.branch_id)
    is_fit = operator.status == OperatorStatus.ACTIVE and not operators.is_expired(operator, opened_at)
    if not (works_there and is_fit) or place.is_closed:
        raise NotOnShift
    if wanted.terminal_id is not None:
        terminal = await terminals.find(session, wanted.terminal_id)
        if terminal.branch_id != place.branch_id:
            raise TerminalElsewhere
    is_same = Shift.operator_id == operator.id
    if wanted.terminal_id is not None:
        is_same = or_(is_same, Shift.terminal_id == wanted.terminal_id)
    # One that begins has no end yet, so whatever ends after its beginning overlaps.
    later = or_(Shift.closed_at.is_(None), Shift.closed_at > opened_at)
    if await session.scalar(select(exists().where(is_same, later))):
        raise ShiftsOverlap
    shift = Shift(
        operator_id=operator.id,
        branch_id=place.branch_id,
        terminal_id=wanted.terminal_id,
        opened_at=opened_at,
        opened_by=caller.name,
        opening_cash=wanted.opening_cash,
        note=wanted.note,
    )
    session.add(shift)
    await session.flush()
    emit(session, SHIFT_OPENED, Subject("shift", shift.id), _told(shift))
    return shift


async def close_shift(
    session: WriteSession, shift_id: int, if_match: str, wanted: ShiftClose, caller: Caller, *, now: datetime
) -> Shift:
    """Have a shift end.

    Raises:
        ShiftNotFound, ChangedMeanwhile, ShiftClosedAlready, ShiftTimeWrong
    """
    shift = await session.get(Shift, shift_id, with_for_update=True)
    if shift is None:
        raise ShiftNotFound
    check_version(shift, if_match)
    if shift.closed_at is not None:
        raise ShiftClosedAlready
    closed_at = wanted.closed_at or now
    if not shift.opened_at < closed_at <= now:
        raise ShiftTimeWrong
    shift.closed_at, shift.closed_by, shift.closing_cash = closed_at, caller.name, wanted.closing_cash
    shift.note = wanted.note or shift.note
    await session.flush()
    emit(session, SHIFT_CLOSED, Subject("shift", shift.id), _told(shift))
    return shift


async def find_shift(session: AnySession, shift_id: int) -> Shift:
    """One shift, as a row with its version.

    Raises:
        ShiftNotFound
    """
    shift = await session.get(Shift, shift_id)
    if shift is None:
        raise ShiftNotFound
    return shift


async def read_totals(session: AnySession, shift_id: int, now: datetime) -> ShiftTotalsRead:
    """What went through a shift's terminal while it went on, as far as it is projected.

    Raises:
        ShiftNotFound
    """
    shift = await find_shift(session, shift_id)
    until = shift.closed_at or now
    basis = TotalsBasis.NOTHING if shift.terminal_id is None else TotalsBasis.TERMINAL
    turnover = (
        {}
        if shift.terminal_id is None
        else await terminal_turnover(session, shift.terminal_id, shift.opened_at, until)
    )
    text, text_fa = _BASIS_TEXTS[basis]
    return ShiftTotalsRead(
        shift=shown(shift),
        basis=basis,
        basis_text=text,
        basis_text_fa=text_fa,
        until=until,
        operations=[
            OperationTotal(
                operation=operation,
                count=sums.count,
                amount=sums.amount,
                discount=sums.discount,
                tendered=sums.tendered,
                net_amount=sums.net_amount,
            )
            for operation, sums in sorted(turnover.items())
        ],
    )


async def read_page(session: ReadSession, query: ShiftQuery) -> Page[ShiftRead]:
    """A page of shifts."""
    shifts, next_cursor = await read_rows(session, select(Shift), query)
    return Page(items=[shown(shift) for shift in shifts], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: ShiftFilters, cursor: str | None, limit: int
) -> tuple[list[ShiftRead], str | None]:
    """Up to `limit` shifts after `cursor`, and the cursor of those behind them."""
    shifts, next_cursor = await read_rows_after(session, select(Shift), query, cursor, limit)
    return [shown(shift) for shift in shifts], next_cursor


def shown(shift: Shift) -> ShiftRead:
    """A shift as the API tells of it."""
    return ShiftRead(
        id=shift.id,
        operator_id=shift.operator_id,
        branch_id=shift.branch_id,
        terminal_id=shift.terminal_id,
        opened_at=shift.opened_at,
        opened_by=shift.opened_by,
        opening_cash=shift.opening_cash,
        closed_at=shift.closed_at,
        closed_by=shift.closed_by,
        closing_cash=shift.closing_cash,
        cash_taken=None if shift.closing_cash is None else shift.closing_cash - shift.opening_cash,
        note=shift.note,
    )


def _told(shift: Shift) -> ShiftTold:
    return ShiftTold(
        id=shift.id,
        operator_id=shift.operator_id,
        branch_id=shift.branch_id,
        opened_at=shift.opened_at,
        closed_at=shift.closed_at,
    )
