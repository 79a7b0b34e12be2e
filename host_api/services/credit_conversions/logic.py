"""Turning a member's units into rials: taken by a debit, given by a credit, and returned where that fails."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import LARGEST_AMOUNT, Movement, credit, debit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.services.credit_conversions import rates
from host_api.services.credit_conversions.listing import ConversionQuery
from host_api.services.credit_conversions.models import CreditConversion
from host_api.services.credit_conversions.problems import (
    ConversionNotFound,
    NotConvertible,
    UnitsNotConvertible,
)
from host_api.services.credit_conversions.schemas import ConversionCreate, ConversionRead, ConversionState
from host_api.services.members import logic as members

SERVICE: Final = "credit_conversions"

# The member looks on: what the switch has not answered by then is taken back.
PATIENCE: Final = timedelta(minutes=15)

_TAKE, _GIVE, _BACK = "take", "give", "back"


async def convert(
    session: WriteSession, member_id: int, wanted: ConversionCreate, caller: Caller
) -> tuple[ConversionRead, int]:
    """Ask for a conversion at the rate of now. It, and the id of the request that takes the units.

    Raises:
        members.MemberNotFound, NotConvertible, UnitsNotConvertible
    """
    await members.read(session, member_id)
    now = utc_now()
    rate = await rates.in_force(session, wanted.purse, now)
    if rate is None or not rate.give:
        raise NotConvertible
    rials = wanted.units * rate.give // rate.per
    fits = wanted.units >= rate.units_min and not wanted.units % rate.step
    if not fits or not max(wanted.rials_min, 1) <= rials <= LARGEST_AMOUNT:
        raise UnitsNotConvertible
    row = CreditConversion(
        member_id=member_id,
        rate_id=rate.id,
        purse=rate.purse,
        to_purse=rate.to_purse,
        units=wanted.units,
        rials=rials,
        state=ConversionState.TAKING.value,
        asked_by_name=caller.name,
        asked_at=now,
        finished_at=None,
    )
    session.add(row)
    await session.flush()
    taking = debit(member_id, row.purse, row.units, _reason(row))
    request_id = await _request(session, row, _TAKE, taking, caller, patience=PATIENCE)
    return ConversionRead.model_validate(row), request_id


async def read(session: AnySession, conversion_id: int) -> ConversionRead:
    """One conversion.

    Raises:
        ConversionNotFound
    """
    row = await session.get(CreditConversion, conversion_id)
    if row is None:
        raise ConversionNotFound
    return ConversionRead.model_validate(row)


async def read_page(session: ReadSession, query: ConversionQuery) -> Page[ConversionRead]:
    """A page of conversions."""
    rows, next_cursor = await read_rows(session, select(CreditConversion), query)
    return Page(items=[ConversionRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Go on with a conversion after one of its movements."""
    conversion_id, _, step = outcome.reference.partition("-")
    row = await session.get(CreditConversion, int(conversion_id), with_for_update=True)
    if row is None:
        raise LookupError("a conversion has gone")
    row.response_code = outcome.response_code
    if outcome.state is RequestState.DOUBTFUL:
        row.state = ConversionState.DOUBTFUL.value
        return
    is_approved = outcome.state is RequestState.APPROVED
    if step == _TAKE:
        await _after_taking(session, row, outcome, is_approved=is_approved)
    elif step == _GIVE:
        await _after_giving(session, row, outcome, is_approved=is_approved)
    else:
        # Where even the way back is refused, as of a member who left, a person has to look.
        _end(row, ConversionState.RETURNED if is_approved else ConversionState.DOUBTFUL)
    await session.flush()


async def _after_taking(
    session: WriteSession, row: CreditConversion, outcome: Outcome, *, is_approved: bool
) -> None:
    if not is_approved:
        _end(row, ConversionState.REFUSED)
        return
    row.state, row.debit_rrn = ConversionState.GIVING.value, outcome.rrn
    giving = credit(row.member_id, row.to_purse, row.rials, _reason(row))
    await _request(session, row, _GIVE, giving, _own_caller(session))


async def _after_giving(
    session: WriteSession, row: CreditConversion, outcome: Outcome, *, is_approved: bool
) -> None:
    if is_approved:
        row.credit_rrn = outcome.rrn
        _end(row, ConversionState.DONE)
        return
    row.state = ConversionState.RETURNING.value
    back = return_of_debit(row.member_id, row.purse, row.units, row.debit_rrn or "")
    await _request(session, row, _BACK, back, _own_caller(session))


async def _request(  # noqa: PLR0917
    session: WriteSession,
    row: CreditConversion,
    step: str,
    movement: Movement,
    caller: Caller,
    patience: timedelta | None = None,
) -> int:
    return await request_points(
        session,
        movement,
        service=SERVICE,
        reference=f"{row.id}-{step}",
        asked_by=caller,
        reason=_reason(row),
        patience=patience,
    )


def _end(row: CreditConversion, state: ConversionState) -> None:
    row.state, row.finished_at = state.value, utc_now()


def _reason(row: CreditConversion) -> str:
    return f"conversion {row.id}"


def _own_caller(session: WriteSession) -> Caller:
    return system_caller(SERVICE, programme_of(session.sync_session))
