"""A request for cash: asked, debited at the switch, decided, and given back where it comes to nothing.

The units leave the member's purse before anything else, so that they can't be spent meanwhile. Whatever ends
a request before it is paid gives them back by a return of that debit, with the expiry that they had.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.iran.number_fault import NumberFault
from host_api.core.iran.sheba import parse_sheba
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import LARGEST_AMOUNT, debit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.money import format_amount
from host_api.core.period_limits import PeriodLimits, check_period_limits
from host_api.core.second_person import asked_by, decide
from host_api.services.agreements import logic as agreements
from host_api.services.agreements.schemas import GatedProcess
from host_api.services.cash_outs import policies
from host_api.services.cash_outs.events import CASH_OUT_RETURNED, CashOutEvent
from host_api.services.cash_outs.listing import CashOutQuery
from host_api.services.cash_outs.models import SHEBA, CashOut
from host_api.services.cash_outs.problems import (
    CashOutNotForMember,
    CashOutNotFound,
    CashOutNotInThisState,
    CashOutUnitsOutOfRange,
    ShebaMissing,
)
from host_api.services.cash_outs.schemas import CashOutCreate, CashOutRead, CashOutState, ReturnedFor
from host_api.services.groups.audience import is_in
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages.logic import tell_member

SERVICE: Final = "cash_outs"
PATIENCE: Final = timedelta(minutes=15)

# What came to nothing counts for no limit.
_UNCOUNTED: Final = (CashOutState.REFUSED.value, CashOutState.RETURNED.value)
_DEBIT, _RETURN = "debit", "return"


async def ask(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: CashOutCreate
) -> tuple[CashOutRead, int]:
    """Take a member's wish in, and have its units debited; and the id of that request to the ledger.

    Raises:
        MemberNotFound, PolicyMissing, CashOutNotForMember, CashOutUnitsOutOfRange, PeriodLimitReached,
        ShebaMissing, AgreementNotAccepted
    """
    now = utc_now()
    member = await members.lock(session, wanted.member_id)  # so of two at once the second sees the first
    policy = await policies.open_now(session)
    if member.status != MemberStatus.ACTIVE or not await is_in(session, policy.audience, member.id, now):
        raise CashOutNotForMember
    await agreements.check_accepted(session, member.id, GatedProcess.CASH_OUT)
    worth = policies.worth_of(policy, wanted.units)
    is_in_range = policy.least_units <= wanted.units <= policy.most_units
    if not is_in_range or worth.net <= 0 or worth.gross > LARGEST_AMOUNT:
        raise CashOutUnitsOutOfRange
    await check_period_limits(
        session,
        PeriodLimits.model_validate(policy.limits),
        wanted.units,
        now,
        amount=CashOut.units,
        at=CashOut.asked_at,
        where=[CashOut.member_id == member.id, CashOut.state.not_in(_UNCOUNTED)],
    )
    sheba = _valid_sheba((await members.read_whole(session, cipher, member.id)).sheba)
    above = policy.approval_above_units
    row = CashOut(
        member_id=member.id,
        policy_id=policy.id,
        purse=policy.purse,
        units=wanted.units,
        gross_rials=worth.gross,
        fee_rials=worth.fee,
        net_rials=worth.net,
        needs_approval=above is not None and wanted.units > above,
        state=CashOutState.DEBITING.value,
        return_attempts=0,
        **asked_by(caller),
    )
    session.add(row)
    await session.flush()
    SHEBA.seal(cipher, row, sheba)
    request_id = await request_points(
        session,
        debit(row.member_id, row.purse, row.units, _reason(row)),
        service=SERVICE,
        reference=f"{_DEBIT}:{row.id}",
        asked_by=caller,
        reason=_reason(row),
        patience=PATIENCE,
    )
    return shown(cipher, row), request_id


async def read(session: AnySession, cipher: FieldCipher, cash_out_id: int) -> CashOutRead:
    """One request.

    Raises:
        CashOutNotFound
    """
    row = await session.get(CashOut, cash_out_id)
    if row is None:
        raise CashOutNotFound
    return shown(cipher, row)


async def read_page(session: ReadSession, cipher: FieldCipher, query: CashOutQuery) -> Page[CashOutRead]:
    """A page of requests."""
    rows, next_cursor = await read_rows(session, select(CashOut), query)
    return Page(items=[shown(cipher, row) for row in rows], next_cursor=next_cursor)


async def approve(
    session: WriteSession, cipher: FieldCipher, caller: Caller, cash_out_id: int, note: str | None
) -> CashOutRead:
    """Let a request that another has asked for go to the bank.

    Raises:
        CashOutNotFound, AlreadyDecided, OwnAct
    """
    row = await lock(session, cash_out_id)
    decide(row, CashOutState.READY, caller, undecided={CashOutState.WAITING})
    row.note = note
    await session.flush()
    return shown(cipher, row)


async def reject(
    session: WriteSession, cipher: FieldCipher, caller: Caller, cash_out_id: int, note: str | None
) -> CashOutRead:
    """Turn a request of another down; its units go back.

    Raises:
        CashOutNotFound, AlreadyDecided, OwnAct
    """
    row = await lock(session, cash_out_id)
    decide(row, CashOutState.RETURNING, caller, undecided={CashOutState.WAITING})
    row.note = note
    await give_back(session, row, ReturnedFor.REJECTED)
    return shown(cipher, row)


async def cancel(session: WriteSession, cipher: FieldCipher, cash_out_id: int) -> CashOutRead:
    """Take a request back, as the member wishes, before it is in a batch; its units go back.

    Raises:
        CashOutNotFound, CashOutNotInThisState
    """
    row = await lock(session, cash_out_id)
    if row.state not in (CashOutState.WAITING, CashOutState.READY):
        raise CashOutNotInThisState
    await give_back(session, row, ReturnedFor.CANCELLED)
    return shown(cipher, row)


async def return_again(session: WriteSession, cipher: FieldCipher, cash_out_id: int) -> CashOutRead:
    """Ask the switch again to give the units back, where it refused.

    Raises:
        CashOutNotFound, CashOutNotInThisState
    """
    row = await lock(session, cash_out_id)
    if row.state != CashOutState.UNRETURNED or row.returned_for is None:
        raise CashOutNotInThisState
    await give_back(session, row, ReturnedFor(row.returned_for))
    return shown(cipher, row)


async def lock(session: WriteSession, cash_out_id: int) -> CashOut:
    """A request that nobody else changes until the transaction ends.

    Raises:
        CashOutNotFound
    """
    row = await session.get(CashOut, cash_out_id, with_for_update=True)
    if row is None:
        raise CashOutNotFound
    return row


async def give_back(session: WriteSession, row: CashOut, why: ReturnedFor) -> None:
    """Have the units of a locked request returned to the member."""
    if row.debit_rrn is None:
        raise LookupError("only what was debited can be given back")
    row.state, row.returned_for = CashOutState.RETURNING.value, why.value
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


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Go on with a request whose units the switch has moved, or not."""
    what, cash_out_id = outcome.reference.split(":")[:2]
    row = await lock(session, int(cash_out_id))
    row.response_code = outcome.response_code
    if what == _DEBIT:
        _after_debit(row, outcome)
    else:
        await _after_return(session, row, outcome)
    await session.flush()


def _after_debit(row: CashOut, outcome: Outcome) -> None:
    match outcome.state:
        case RequestState.APPROVED:
            row.debit_rrn = outcome.rrn
            row.state = (CashOutState.WAITING if row.needs_approval else CashOutState.READY).value
        case RequestState.DOUBTFUL:
            row.state = CashOutState.DOUBTFUL.value
        case _:
            row.state, row.finished_at = CashOutState.REFUSED.value, utc_now()


async def _after_return(session: WriteSession, row: CashOut, outcome: Outcome) -> None:
    if outcome.state is RequestState.DOUBTFUL:
        return  # reconciliation tells the end
    if outcome.state is not RequestState.APPROVED:
        row.state = CashOutState.UNRETURNED.value
        return
    row.state, row.return_rrn, row.finished_at = CashOutState.RETURNED.value, outcome.rrn, utc_now()
    emit(session, CASH_OUT_RETURNED, Subject("cash_out", row.id), event_of(row))
    await tell_member(
        session,
        row.member_id,
        topic=SERVICE,
        reference=f"{row.id}:returned",
        text_fa=f"درخواست وجه نقد شما پرداخت نشد و {row.units} امتیاز به شما برگشت.",
        text_en=f"Your cash-out was not paid; {row.units} points are back in your purse.",
    )


async def tell_paid(session: WriteSession, row: CashOut) -> None:
    """Let a member know that the bank has paid."""
    await tell_member(
        session,
        row.member_id,
        topic=SERVICE,
        reference=f"{row.id}:paid",
        text_fa=f"{format_amount(row.net_rials)} بابت امتیازهای شما به حسابتان پرداخت شد.",
        text_en=f"{format_amount(row.net_rials, 'en')} for your points was paid to your account.",
    )


def event_of(row: CashOut) -> CashOutEvent:
    """What is told of a request."""
    return CashOutEvent(
        cash_out_id=row.id,
        member_id=row.member_id,
        state=CashOutState(row.state),
        units=row.units,
        net_rials=row.net_rials,
    )


def shown(cipher: FieldCipher, row: CashOut) -> CashOutRead:
    """A request as callers see it."""
    sheba = SHEBA.open(cipher, row)
    return CashOutRead(
        id=row.id,
        member_id=row.member_id,
        state=CashOutState(row.state),
        policy_id=row.policy_id,
        purse=row.purse,
        units=row.units,
        gross_rials=row.gross_rials,
        fee_rials=row.fee_rials,
        net_rials=row.net_rials,
        sheba_ending=None if sheba is None else sheba[-4:],
        needs_approval=row.needs_approval,
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        note=row.note,
        response_code=row.response_code,
        debit_rrn=row.debit_rrn,
        batch_id=row.batch_id,
        line=row.line,
        paid_at=row.paid_at,
        bank_reference=row.bank_reference,
        bank_reason=row.bank_reason,
        returned_for=None if row.returned_for is None else ReturnedFor(row.returned_for),
        return_rrn=row.return_rrn,
        finished_at=row.finished_at,
    )


def _valid_sheba(sheba: str | None) -> str:
    try:
        return parse_sheba(sheba or "")
    except NumberFault:
        raise ShebaMissing from None


def _reason(row: CashOut) -> str:
    return f"cash-out {row.id}"
