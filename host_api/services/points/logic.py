"""Asking for points acts, deciding them, and what the switch makes of them."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import Movement, credit, debit, release, transfer
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.services.members import logic as members
from host_api.services.points.listing import ActQuery
from host_api.services.points.models import PointsAct
from host_api.services.points.schemas import (
    AdjustmentCreate,
    PointsActKind,
    PointsActRead,
    PointsActState,
    ReasonCode,
    ReleaseCreate,
    TransferCreate,
)
from host_api.services.transactions import logic as transactions

SERVICE = "points"

# A person looks on: what the switch has not answered by then is taken back.
PATIENCE = timedelta(minutes=15)

_STATES = {
    RequestState.APPROVED: PointsActState.DONE,
    RequestState.DECLINED: PointsActState.FAILED,
    RequestState.REVERSED: PointsActState.FAILED,
    RequestState.DOUBTFUL: PointsActState.DOUBTFUL,
}


class ActNotFound(Problem):
    """No points act has this id."""

    status = 404
    code = "points-act-not-found"
    title = "Points act not found"
    title_fa = "درخواست امتیاز پیدا نشد"
    detail = "There is no points act with this id."
    detail_fa = "درخواستی با این شناسه وجود ندارد."


class AmountAboveLimit(Problem):
    """More units than one act may move."""

    status = 409
    code = "points-amount-above-limit"
    title = "Amount above the limit"
    title_fa = "مقدار بیش از سقف است"
    detail = "One act may not move so many units; the limit is in the settings (points_limit)."
    detail_fa = "یک درخواست نمی‌تواند این اندازه جابه‌جا کند؛ سقف در تنظیمات (points_limit) است."
    field = "amount"


class SameMember(Problem):
    """A transfer from a member to the same member."""

    status = 409
    code = "points-same-member"
    title = "Same member"
    title_fa = "هر دو یک عضو است"
    detail = "A transfer is between two different members."
    detail_fa = "انتقال باید میان دو عضو باشد."
    field = "to_member_id"


class NothingToRelease(Problem):
    """The transaction has no member whose earnings could wait."""

    status = 409
    code = "points-nothing-to-release"
    title = "Nothing to release"
    title_fa = "چیزی برای آزادسازی نیست"
    detail = "This transaction was not approved, or has no member."
    detail_fa = "این تراکنش تأیید نشده یا عضوی ندارد."
    field = "rrn"


async def ask_adjustment(
    session: WriteSession, wanted: AdjustmentCreate, caller: Caller, limit: int
) -> PointsActRead:
    """Keep an adjustment for a second person to decide.

    Raises:
        AmountAboveLimit, members.MemberNotFound
    """
    _check_amount(wanted.amount, limit)
    await members.read(session, wanted.member_id)
    act = _new(caller, PointsActKind(wanted.direction), wanted.member_id, wanted.reason_code, wanted.reason)
    act.purse, act.amount = wanted.purse, wanted.amount
    return await _kept(session, act)


async def ask_transfer(
    session: WriteSession, wanted: TransferCreate, caller: Caller, limit: int
) -> PointsActRead:
    """Keep a transfer for a second person to decide.

    Raises:
        AmountAboveLimit, SameMember, members.MemberNotFound
    """
    _check_amount(wanted.amount, limit)
    if wanted.from_member_id == wanted.to_member_id:
        raise SameMember
    await members.read(session, wanted.from_member_id)
    await members.read(session, wanted.to_member_id)
    act = _new(caller, PointsActKind.TRANSFER, wanted.from_member_id, wanted.reason_code, wanted.reason)
    act.to_member_id, act.purse, act.amount = wanted.to_member_id, wanted.purse, wanted.amount
    return await _kept(session, act)


async def ask_release(session: WriteSession, wanted: ReleaseCreate, caller: Caller) -> PointsActRead:
    """Keep a release for a second person to decide.

    Raises:
        transactions.TransactionNotFound, NothingToRelease
    """
    original = await transactions.read(session, wanted.rrn)
    if original.member_id is None or not original.approved:
        raise NothingToRelease
    act = _new(caller, PointsActKind.RELEASE, original.member_id, wanted.reason_code, wanted.reason)
    act.original_rrn = wanted.rrn
    return await _kept(session, act)


async def read(session: AnySession, act_id: int) -> PointsActRead:
    """One act.

    Raises:
        ActNotFound
    """
    return _read(await _find(session, act_id))


async def read_page(session: ReadSession, query: ActQuery) -> Page[PointsActRead]:
    """A page of acts."""
    acts, next_cursor = await read_rows(session, select(PointsAct), query)
    return Page(items=[_read(act) for act in acts], next_cursor=next_cursor)


async def approve(
    session: WriteSession, act_id: int, caller: Caller, note: str | None
) -> tuple[PointsActRead, int]:
    """Approve an act that another has asked for: it goes to the switch. The act, and its request's id.

    Raises:
        ActNotFound, AlreadyDecided, OwnAct
    """
    act = await _find(session, act_id, for_update=True)
    decide(act, PointsActState.SENT, caller)
    act.note = note
    request_id = await request_points(
        session,
        _MOVEMENTS[PointsActKind(act.kind)](act),
        service=SERVICE,
        reference=str(act.id),
        asked_by=caller,
        reason=act.reason,
        patience=PATIENCE,
    )
    act.request_id = request_id
    await session.flush()
    return _read(act), request_id


async def reject(session: WriteSession, act_id: int, caller: Caller, note: str | None) -> PointsActRead:
    """Reject an act that another has asked for.

    Raises:
        ActNotFound, AlreadyDecided, OwnAct
    """
    act = await _find(session, act_id, for_update=True)
    decide(act, PointsActState.REJECTED, caller)
    act.note = note
    await session.flush()
    return _read(act)


async def cancel(session: WriteSession, act_id: int, caller: Caller) -> PointsActRead:
    """Take one's own act back before it is decided.

    Raises:
        ActNotFound, AlreadyDecided, ActOfAnother
    """
    act = await _find(session, act_id, for_update=True)
    withdraw(act, caller)
    await session.flush()
    return _read(act)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what became of an act's request."""
    act = await session.get(PointsAct, int(outcome.reference))
    if act is None:
        raise LookupError("a points act has gone")
    act.state = _STATES[outcome.state].value
    act.response_code = outcome.response_code
    act.rrn = outcome.rrn
    act.balances_after = dict(outcome.balances) or None
    act.finished_at = utc_now()


_MOVEMENTS: dict[PointsActKind, Callable[[PointsAct], Movement]] = {
    PointsActKind.CREDIT: lambda act: credit(act.member_id, act.purse, act.amount, _reason(act)),
    PointsActKind.DEBIT: lambda act: debit(act.member_id, act.purse, act.amount, _reason(act)),
    PointsActKind.TRANSFER: lambda act: transfer(act.member_id, act.to_member_id or 0, act.purse, act.amount),
    PointsActKind.RELEASE: lambda act: release(act.member_id, act.original_rrn or ""),
}


def _reason(act: PointsAct) -> str:
    return f"{act.reason_code}: {act.reason}"


def _check_amount(amount: int, limit: int) -> None:
    if amount > limit:
        raise AmountAboveLimit


def _new(
    caller: Caller, kind: PointsActKind, member_id: int, reason_code: ReasonCode, reason: str
) -> PointsAct:
    return PointsAct(
        kind=kind.value,
        member_id=member_id,
        purse=0,
        amount=0,
        reason_code=reason_code.value,
        reason=reason,
        state=PointsActState.ASKED.value,
        **asked_by(caller),
    )


async def _kept(session: WriteSession, act: PointsAct) -> PointsActRead:
    session.add(act)
    await session.flush()
    return _read(act)


async def _find(session: AnySession, act_id: int, *, for_update: bool = False) -> PointsAct:
    act = await session.get(PointsAct, act_id, with_for_update=for_update or None)
    if act is None:
        raise ActNotFound
    return act


def _read(act: PointsAct) -> PointsActRead:
    return PointsActRead(
        id=act.id,
        kind=PointsActKind(act.kind),
        state=PointsActState(act.state),
        member_id=act.member_id,
        to_member_id=act.to_member_id,
        purse=act.purse,
        amount=act.amount,
        original_rrn=act.original_rrn,
        reason_code=ReasonCode(act.reason_code),
        reason=act.reason,
        asked_by=act.asked_by_name,
        asked_at=act.asked_at,
        decided_by=act.decided_by_name,
        decided_at=act.decided_at,
        note=act.note,
        response_code=act.response_code,
        rrn=act.rrn,
        balances_after=act.balances_after,
        finished_at=act.finished_at,
    )
