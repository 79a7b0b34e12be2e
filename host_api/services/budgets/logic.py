"""What services take from budgets: units are set aside before anything is given, and used or freed after."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.services.budgets.events import BUDGET_WARNING, BudgetWarning
from host_api.services.budgets.models import Budget, BudgetEntry, BudgetFigures, BudgetReservation
from host_api.services.budgets.problems import BudgetExhausted, BudgetNotFound, BudgetOfAnotherPurse
from host_api.services.budgets.schemas import BudgetEntryKind

__all__ = [
    "BudgetExhausted",
    "BudgetNotFound",
    "BudgetOfAnotherPurse",
    "ReservationFault",
    "check_purse",
    "consume",
    "release",
    "reserve",
]

_PERCENT: Final = 100


class _State(StrEnum):
    RESERVED = "reserved"
    CONSUMED = "consumed"
    RELEASED = "released"


class ReservationFault(RuntimeError):  # noqa: N818
    """A service contradicts what it said of a reservation before."""


async def check_purse(session: WriteSession, budget_id: int, purse: int) -> None:
    """See that a budget is of this purse.

    Raises:
        BudgetNotFound, BudgetOfAnotherPurse
    """
    budget = await session.get(Budget, budget_id)
    if budget is None:
        raise BudgetNotFound
    if budget.purse != purse:
        raise BudgetOfAnotherPurse


async def reserve(session: WriteSession, budget_id: int, units: int, *, service: str, reference: str) -> None:
    """Set units aside; asking again under the same reference sets nothing more aside.

    Parameters:
        units: 1 or more.
        reference: the service's own, at most 64 characters.

    Raises:
        BudgetNotFound, BudgetExhausted
        ReservationFault: the service asked for something else under this reference.
    """
    if units < 1:
        raise ValueError("a reservation is of one unit or more")
    budget = await session.get(Budget, budget_id)
    if budget is None:
        raise BudgetNotFound
    figures = await lock_figures(session, budget_id)
    known = await _find(session, service, reference)
    if known is not None:
        if (known.budget_id, known.units) != (budget_id, units):
            raise ReservationFault(f"{service} {reference} has set something else aside")
        return
    now = utc_now()
    if not _is_open(budget, now) or figures.units - figures.reserved - figures.consumed < units:
        raise BudgetExhausted
    figures.reserved += units
    session.add(
        BudgetReservation(
            budget_id=budget_id,
            service=service,
            reference=reference,
            units=units,
            consumed=0,
            state=_State.RESERVED.value,
        )
    )
    note(session, figures, BudgetEntryKind.RESERVE, units, service=service, reference=reference)
    _warn(session, budget, figures, now)
    await session.flush()


async def consume(session: WriteSession, *, service: str, reference: str, units: int | None = None) -> None:
    """What was set aside is given, whole or so many units of it: the rest is free again.

    Saying it again changes nothing.

    Raises:
        ReservationFault: nothing was set aside under this reference, it is free again, or it is less.
    """
    reservation, figures = await _lock(session, service, reference)
    used = reservation.units if units is None else units
    if reservation.state == _State.CONSUMED and reservation.consumed == used:
        return
    if reservation.state != _State.RESERVED or not 0 <= used <= reservation.units:
        raise ReservationFault(f"{service} {reference} can't use {used} of {reservation.units}")
    reservation.state, reservation.consumed = _State.CONSUMED.value, used
    figures.reserved -= reservation.units
    figures.consumed += used
    if used:
        note(session, figures, BudgetEntryKind.CONSUME, used, service=service, reference=reference)
    if used < reservation.units:
        note(
            session,
            figures,
            BudgetEntryKind.RELEASE,
            reservation.units - used,
            service=service,
            reference=reference,
        )
    await session.flush()


async def release(session: WriteSession, *, service: str, reference: str) -> None:
    """What was set aside is free again; saying it again changes nothing.

    Raises:
        ReservationFault: nothing was set aside under this reference, or it is given.
    """
    reservation, figures = await _lock(session, service, reference)
    if reservation.state == _State.RELEASED:
        return
    if reservation.state != _State.RESERVED:
        raise ReservationFault(f"{service} {reference} is given already")
    reservation.state = _State.RELEASED.value
    figures.reserved -= reservation.units
    note(session, figures, BudgetEntryKind.RELEASE, reservation.units, service=service, reference=reference)
    await session.flush()


async def lock_figures(session: WriteSession, budget_id: int) -> BudgetFigures:
    """The figures of a budget, kept from other writers until the transaction ends.

    Raises:
        BudgetNotFound
    """
    found = await session.scalar(
        select(BudgetFigures).where(BudgetFigures.budget_id == budget_id).with_for_update()
    )
    if found is None:
        raise BudgetNotFound
    return found


async def lock_reserved(session: WriteSession, *, service: str, references: Collection[str]) -> None:
    """Keep the budgets from others in which units are set aside, in the order of their ids.

    For whoever settles many reservations in one transaction.
    """
    budget_ids = select(BudgetReservation.budget_id).where(
        BudgetReservation.service == service, BudgetReservation.reference.in_(references)
    )
    await session.execute(
        select(BudgetFigures.budget_id)
        .where(BudgetFigures.budget_id.in_(budget_ids))
        .order_by(BudgetFigures.budget_id)
        .with_for_update()
    )


def note(
    session: WriteSession,
    figures: BudgetFigures,
    kind: BudgetEntryKind,
    units: int,
    *,
    service: str,
    reference: str,
) -> None:
    """Write a step into the history of the budget, whose figures are those after it."""
    session.add(
        BudgetEntry(
            budget_id=figures.budget_id,
            kind=kind.value,
            units=units,
            service=service,
            reference=reference,
            units_after=figures.units,
            reserved_after=figures.reserved,
            consumed_after=figures.consumed,
            at=utc_now(),
        )
    )


def _is_open(budget: Budget, now: datetime) -> bool:
    has_ended = budget.ends_at is not None and budget.ends_at <= now
    return not budget.is_closed and budget.starts_at <= now and not has_ended


def _warn(session: WriteSession, budget: Budget, figures: BudgetFigures, now: datetime) -> None:
    used = figures.reserved + figures.consumed
    if figures.warned_at is not None or used * _PERCENT < figures.units * budget.warning_percent:
        return
    figures.warned_at = now
    emit(
        session,
        BUDGET_WARNING,
        Subject("budget", budget.id),
        BudgetWarning(
            budget_id=budget.id,
            purse=budget.purse,
            units=figures.units,
            reserved=figures.reserved,
            consumed=figures.consumed,
        ),
    )


async def _lock(
    session: WriteSession, service: str, reference: str
) -> tuple[BudgetReservation, BudgetFigures]:
    known = await _find(session, service, reference)
    if known is None:
        raise ReservationFault(f"{service} {reference} has set nothing aside")
    figures = await lock_figures(session, known.budget_id)
    # Before the lock somebody else may have ended it.
    await session.refresh(known)
    return known, figures


async def _find(session: WriteSession, service: str, reference: str) -> BudgetReservation | None:
    return await session.scalar(
        select(BudgetReservation).where(
            BudgetReservation.service == service, BudgetReservation.reference == reference
        )
    )
