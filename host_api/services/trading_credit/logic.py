"""Lines of trading credit: bought by a debit, told to the broker, reversed by a return of that debit."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.events.event_type import EventType
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import LARGEST_AMOUNT, debit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.money import format_amount
from host_api.core.period_limits import PeriodLimits, check_period_limits
from host_api.core.policy_versions import PolicyMissing, in_force
from host_api.services.groups.audience import is_in
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages.logic import tell_member
from host_api.services.trading_credit.events import CREDIT_GRANTED, CREDIT_REVERSED, CreditLineEvent
from host_api.services.trading_credit.listing import CreditLineFilters, CreditLineQuery
from host_api.services.trading_credit.models import CreditLine, TradingCreditPolicy
from host_api.services.trading_credit.problems import (
    CreditLineNotFound,
    CreditLineNotInThisState,
    CreditNotForMember,
    CreditUnitsOutOfRange,
)
from host_api.services.trading_credit.schemas import CreditLineCreate, CreditLineRead, CreditLineState

SERVICE: Final = "trading_credit"
PATIENCE: Final = timedelta(minutes=15)

_DEBIT, _RETURN = "debit", "return"
_UNCOUNTED: Final = (CreditLineState.REFUSED.value, CreditLineState.RETURNED.value)


async def buy(session: WriteSession, caller: Caller, wanted: CreditLineCreate) -> tuple[CreditLineRead, int]:
    """Take a member's wish in, and have its units debited; and the id of that request to the ledger.

    Raises:
        MemberNotFound, PolicyMissing, CreditNotForMember, CreditUnitsOutOfRange, PeriodLimitReached
    """
    now = utc_now()
    member = await members.lock(session, wanted.member_id)  # so of two at once the second sees the first
    policy = await in_force(session, TradingCreditPolicy, now)
    if not policy.is_open:
        raise PolicyMissing
    if member.status != MemberStatus.ACTIVE or not await is_in(session, policy.audience, member.id, now):
        raise CreditNotForMember
    rials = wanted.units * policy.rate_rials // policy.rate_units
    is_in_range = policy.least_units <= wanted.units <= policy.most_units
    if not is_in_range or not 0 < rials <= LARGEST_AMOUNT:
        raise CreditUnitsOutOfRange
    await check_period_limits(
        session,
        PeriodLimits.model_validate(policy.limits),
        wanted.units,
        now,
        amount=CreditLine.units,
        at=CreditLine.asked_at,
        where=[CreditLine.member_id == member.id, CreditLine.state.not_in(_UNCOUNTED)],
    )
    row = CreditLine(
        member_id=member.id,
        policy_id=policy.id,
        purse=policy.purse,
        units=wanted.units,
        rials=rials,
        state=CreditLineState.DEBITING.value,
        asked_by_name=caller.name,
        asked_at=now,
        return_attempts=0,
    )
    session.add(row)
    await session.flush()
    request_id = await request_points(
        session,
        debit(row.member_id, row.purse, row.units, _reason(row)),
        service=SERVICE,
        reference=f"{_DEBIT}:{row.id}",
        asked_by=caller,
        reason=_reason(row),
        patience=PATIENCE,
    )
    return shown(row), request_id


async def reverse(session: WriteSession, caller: Caller, line_id: int, reason: str) -> CreditLineRead:
    """Take a line back; the broker hears of it at once, and the units go back. Again where that was refused.

    Raises:
        CreditLineNotFound, CreditLineNotInThisState
    """
    row = await _lock(session, line_id)
    if row.state not in (CreditLineState.GRANTED, CreditLineState.UNRETURNED) or row.debit_rrn is None:
        raise CreditLineNotInThisState
    if row.state == CreditLineState.GRANTED:
        row.reversed_at, row.reversed_by, row.reason = utc_now(), caller.name, reason
        _tell(session, CREDIT_REVERSED, row)
    row.state = CreditLineState.RETURNING.value
    row.return_attempts += 1
    await session.flush()
    await request_points(
        session,
        return_of_debit(row.member_id, row.purse, row.units, row.debit_rrn),
        service=SERVICE,
        reference=f"{_RETURN}:{row.id}:{row.return_attempts}",
        asked_by=system_caller(SERVICE, programme_of(session.sync_session)),
        reason=_reason(row),
    )
    return shown(row)


async def read(session: AnySession, line_id: int) -> CreditLineRead:
    """One line.

    Raises:
        CreditLineNotFound
    """
    row = await session.get(CreditLine, line_id)
    if row is None:
        raise CreditLineNotFound
    return shown(row)


async def read_page(session: ReadSession, query: CreditLineQuery) -> Page[CreditLineRead]:
    """A page of lines."""
    rows, next_cursor = await read_rows(session, select(CreditLine), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: CreditLineFilters, cursor: str | None, limit: int
) -> tuple[list[CreditLineRead], str | None]:
    """Up to `limit` lines after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(CreditLine), query, cursor, limit)
    return [shown(row) for row in rows], next_cursor


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Grant a line whose units the switch has taken, or end one whose units are back."""
    what, line_id = outcome.reference.split(":")[:2]
    row = await _lock(session, int(line_id))
    row.response_code = outcome.response_code
    if what == _DEBIT:
        await _after_debit(session, row, outcome)
    elif outcome.state is RequestState.APPROVED:
        row.state, row.return_rrn = CreditLineState.RETURNED.value, outcome.rrn
        await tell_member(
            session,
            row.member_id,
            topic=SERVICE,
            reference=f"{row.id}:returned",
            text_fa=f"اعتبار معاملاتی شما لغو شد و {row.units} امتیاز برگشت.",
            text_en=f"Your trading credit was taken back; {row.units} points are back in your purse.",
        )
    elif outcome.state is not RequestState.DOUBTFUL:  # of that reconciliation tells the end
        row.state = CreditLineState.UNRETURNED.value
    await session.flush()


async def _after_debit(session: WriteSession, row: CreditLine, outcome: Outcome) -> None:
    if outcome.state is RequestState.DOUBTFUL:
        row.state = CreditLineState.DOUBTFUL.value
    elif outcome.state is not RequestState.APPROVED:
        row.state = CreditLineState.REFUSED.value
    else:
        policy = await session.get_one(TradingCreditPolicy, row.policy_id)
        row.state, row.debit_rrn, row.granted_at = CreditLineState.GRANTED.value, outcome.rrn, utc_now()
        if policy.valid_days is not None:
            row.valid_until = row.granted_at + timedelta(days=policy.valid_days)
        _tell(session, CREDIT_GRANTED, row)
        await tell_member(
            session,
            row.member_id,
            topic=SERVICE,
            reference=f"{row.id}:granted",
            text_fa=f"{format_amount(row.rials)} اعتبار معاملاتی برای شما ثبت شد.",
            text_en=f"{format_amount(row.rials, 'en')} of trading credit is yours.",
        )


async def _lock(session: WriteSession, line_id: int) -> CreditLine:
    row = await session.get(CreditLine, line_id, with_for_update=True)
    if row is None:
        raise CreditLineNotFound
    return row


def _tell(session: WriteSession, event_type: EventType[CreditLineEvent], row: CreditLine) -> None:
    emit(
        session,
        event_type,
        Subject("credit_line", row.id),
        CreditLineEvent(
            line_id=row.id, member_id=row.member_id, rials=row.rials, valid_until=row.valid_until
        ),
    )


def _reason(row: CreditLine) -> str:
    return f"trading credit {row.id}"


def shown(row: CreditLine) -> CreditLineRead:
    """A line as callers see it."""
    return CreditLineRead(
        id=row.id,
        member_id=row.member_id,
        state=CreditLineState(row.state),
        policy_id=row.policy_id,
        purse=row.purse,
        units=row.units,
        rials=row.rials,
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        response_code=row.response_code,
        debit_rrn=row.debit_rrn,
        granted_at=row.granted_at,
        valid_until=row.valid_until,
        reversed_at=row.reversed_at,
        reversed_by=row.reversed_by,
        reason=row.reason,
        return_rrn=row.return_rrn,
    )
