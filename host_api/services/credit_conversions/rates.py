"""The table of rates: rows are added by two persons, and never changed."""

from datetime import datetime

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.services.credit_conversions.listing import RateQuery
from host_api.services.credit_conversions.models import ConversionRate
from host_api.services.credit_conversions.problems import RateNotFound, RateTooLate
from host_api.services.credit_conversions.schemas import (
    ConversionRateCreate,
    ConversionRateRead,
    RateState,
)


async def in_force(session: AnySession, purse: int, now: datetime) -> ConversionRate | None:
    """The rate of a purse at an instant."""
    return await session.scalar(
        select(ConversionRate)
        .where(
            ConversionRate.purse == purse,
            ConversionRate.state == RateState.APPROVED.value,
            ConversionRate.starts_at <= now,
        )
        .order_by(ConversionRate.starts_at.desc(), ConversionRate.id.desc())
        .limit(1)
    )


async def ask(session: WriteSession, wanted: ConversionRateCreate, caller: Caller) -> ConversionRateRead:
    """Keep a rate for a second person to decide."""
    rate = ConversionRate(**wanted.model_dump(), note=None, state=RateState.ASKED.value, **asked_by(caller))
    session.add(rate)
    await session.flush()
    return _read(rate, None)


async def approve(
    session: WriteSession, rate_id: int, caller: Caller, note: str | None
) -> ConversionRateRead:
    """Approve a rate that another has asked for.

    Raises:
        RateNotFound, AlreadyDecided, OwnAct, RateTooLate
    """
    rate = await _lock(session, rate_id)
    decide(rate, RateState.APPROVED, caller)
    rate.note = note
    latest = await session.scalar(
        select(ConversionRate.starts_at)
        .where(
            ConversionRate.purse == rate.purse,
            ConversionRate.state == RateState.APPROVED.value,
            ConversionRate.id != rate.id,
        )
        .order_by(ConversionRate.starts_at.desc())
        .limit(1)
    )
    if rate.starts_at < utc_now() or (latest is not None and rate.starts_at <= latest):
        raise RateTooLate
    await session.flush()
    return _read(rate, None)


async def reject(session: WriteSession, rate_id: int, caller: Caller, note: str | None) -> ConversionRateRead:
    """Reject a rate that another has asked for.

    Raises:
        RateNotFound, AlreadyDecided, OwnAct
    """
    rate = await _lock(session, rate_id)
    decide(rate, RateState.REJECTED, caller)
    rate.note = note
    await session.flush()
    return _read(rate, None)


async def cancel(session: WriteSession, rate_id: int, caller: Caller) -> ConversionRateRead:
    """Take one's own rate back before it is decided.

    Raises:
        RateNotFound, AlreadyDecided, ActOfAnother
    """
    rate = await _lock(session, rate_id)
    withdraw(rate, caller)
    await session.flush()
    return _read(rate, None)


async def read_page(session: ReadSession, query: RateQuery) -> Page[ConversionRateRead]:
    """A page of rates."""
    rows, next_cursor = await read_rows(session, select(ConversionRate), query)
    now = utc_now()
    holding = {purse: await in_force(session, purse, now) for purse in {row.purse for row in rows}}
    return Page(items=[_read(row, holding[row.purse]) for row in rows], next_cursor=next_cursor)


async def _lock(session: WriteSession, rate_id: int) -> ConversionRate:
    """The rate; nobody else decides on one of the same purse until the transaction ends."""
    rate = await session.get(ConversionRate, rate_id)
    if rate is None:
        raise RateNotFound
    await session.execute(
        select(ConversionRate.id)
        .where(ConversionRate.purse == rate.purse)
        .order_by(ConversionRate.id)
        .with_for_update()
    )
    await session.refresh(rate)
    return rate


def _read(rate: ConversionRate, holding: ConversionRate | None) -> ConversionRateRead:
    return ConversionRateRead(
        id=rate.id,
        purse=rate.purse,
        to_purse=rate.to_purse,
        give=rate.give,
        per=rate.per,
        units_min=rate.units_min,
        step=rate.step,
        starts_at=rate.starts_at,
        reason=rate.reason,
        state=RateState(rate.state),
        is_in_force=holding is rate,
        asked_by=rate.asked_by_name,
        asked_at=rate.asked_at,
        decided_by=rate.decided_by_name,
        decided_at=rate.decided_at,
        note=rate.note,
    )
