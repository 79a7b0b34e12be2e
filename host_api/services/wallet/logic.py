"""Loading wallets and spending from them; money moves in the switch alone."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import CLUB_MERCHANT_ID, Movement, load, spending
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.services.members import logic as members
from host_api.services.members import selection
from host_api.services.wallet import policy
from host_api.services.wallet.listing import WalletActQuery
from host_api.services.wallet.models import WalletAct
from host_api.services.wallet.problems import BankTransferKnown, WalletActNotFound, WalletLimitReached
from host_api.services.wallet.schemas import (
    BankTransferCreate,
    WalletActKind,
    WalletActRead,
    WalletActState,
    WalletLoadCreate,
    WalletRead,
    WalletSpendingCreate,
)
from protocol.dialect import PurseCode

SERVICE: Final = "wallet"

# Somebody stands at the counter: what the switch has not answered by then is taken back.
PATIENCE: Final = timedelta(minutes=15)

_WALLET: Final = int(PurseCode.WALLET)
_STATES: Final = {
    RequestState.APPROVED: WalletActState.DONE,
    RequestState.DECLINED: WalletActState.FAILED,
    RequestState.REVERSED: WalletActState.FAILED,
    RequestState.DOUBTFUL: WalletActState.DOUBTFUL,
}


async def read(session: AnySession, member_id: int) -> WalletRead:
    """A member's wallet.

    Raises:
        members.MemberNotFound
    """
    household = (await members.read(session, member_id)).household
    limits, _ = await policy.read(session)
    found = await policy.standing(session, member_id, household)
    return WalletRead(
        member_id=member_id,
        balance=found.balance,
        under_way=found.under_way,
        may_load_today=policy.load_room(limits, found),
        may_spend_today=policy.spending_room(limits, found),
        policy=limits,
    )


async def load_at_merchant(
    session: WriteSession, member_id: int, wanted: WalletLoadCreate, caller: Caller
) -> tuple[WalletActRead, int]:
    """Load what a merchant has taken. The act, and its request's id.

    Raises:
        members.MemberNotFound, WalletLimitReached
    """
    await _check_load(session, member_id, wanted.amount)
    act = _new(WalletActKind.LOAD, member_id, wanted.merchant_id, wanted.amount, caller)
    session.add(act)
    return await _send(session, act, caller)


async def spend(
    session: WriteSession, member_id: int, wanted: WalletSpendingCreate, caller: Caller
) -> tuple[WalletActRead, int]:
    """Pay a bill of a merchant. The act, and its request's id.

    Raises:
        members.MemberNotFound, WalletLimitReached
    """
    household = await _lock_member(session, member_id)
    limits, _ = await policy.read(session)
    found = await policy.standing(session, member_id, household)
    if wanted.amount > policy.spending_room(limits, found):
        raise WalletLimitReached
    act = _new(WalletActKind.SPENDING, member_id, wanted.merchant_id, wanted.amount, caller)
    session.add(act)
    return await _send(session, act, caller)


async def ask_bank_transfer(
    session: WriteSession, wanted: BankTransferCreate, caller: Caller
) -> WalletActRead:
    """Write a transfer down for a second person to look for it in the bank account.

    Raises:
        members.MemberNotFound, BankTransferKnown
    """
    await members.read(session, wanted.member_id)
    act = _new(WalletActKind.BANK, wanted.member_id, CLUB_MERCHANT_ID, wanted.amount, caller)
    act.state = WalletActState.ASKED.value
    act.bank_reference, act.note = wanted.bank_reference, wanted.note
    try:
        async with session.begin_nested():
            session.add(act)
            await session.flush()
    except IntegrityError:
        raise BankTransferKnown from None
    return _read(act)


async def approve(
    session: WriteSession, act_id: int, caller: Caller, note: str | None
) -> tuple[WalletActRead, int]:
    """Load what another has written down. The act, and its request's id.

    Raises:
        WalletActNotFound, AlreadyDecided, OwnAct, WalletLimitReached, members.MemberNotFound
    """
    act = await _lock(session, act_id)
    decide(act, WalletActState.SENT, caller)
    act.note = note or act.note
    # What is being decided is not among what the limits count: they are looked up before it is written.
    with session.no_autoflush:
        await _check_load(session, act.member_id, act.amount)
    return await _send(session, act, caller)


async def reject(session: WriteSession, act_id: int, caller: Caller, note: str | None) -> WalletActRead:
    """Turn down what another has written down; its number may be written down again.

    Raises:
        WalletActNotFound, AlreadyDecided, OwnAct
    """
    act = await _lock(session, act_id)
    decide(act, WalletActState.REJECTED, caller)
    act.note, act.bank_reference = note or act.note, None
    await session.flush()
    return _read(act)


async def cancel(session: WriteSession, act_id: int, caller: Caller) -> WalletActRead:
    """Take one's own transfer back before it is decided.

    Raises:
        WalletActNotFound, AlreadyDecided, ActOfAnother
    """
    act = await _lock(session, act_id)
    withdraw(act, caller)
    act.bank_reference = None
    await session.flush()
    return _read(act)


async def read_act(session: AnySession, act_id: int) -> WalletActRead:
    """One act.

    Raises:
        WalletActNotFound
    """
    act = await session.get(WalletAct, act_id)
    if act is None:
        raise WalletActNotFound
    return _read(act)


async def read_page(session: ReadSession, query: WalletActQuery) -> Page[WalletActRead]:
    """A page of acts."""
    acts, next_cursor = await read_rows(session, select(WalletAct), query)
    return Page(items=[_read(act) for act in acts], next_cursor=next_cursor)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what the switch made of an act."""
    act = await session.get(WalletAct, int(outcome.reference))
    if act is None:
        raise LookupError("an act on a wallet has gone")
    act.state = _STATES[outcome.state].value
    act.response_code, act.rrn = outcome.response_code, outcome.rrn
    act.balance_after = outcome.balances.get(str(_WALLET))
    act.finished_at = utc_now()


async def _check_load(session: WriteSession, member_id: int, amount: int) -> None:
    household = await _lock_member(session, member_id)
    limits, _ = await policy.read(session)
    found = await policy.standing(session, member_id, household)
    if not limits.load_min <= amount <= policy.load_room(limits, found):
        raise WalletLimitReached


async def _lock_member(session: WriteSession, member_id: int) -> int | None:
    """Two acts of a member wait for each other, so that both are within the limits; the household."""
    household = (await members.read(session, member_id)).household
    await selection.lock(session, [member_id])
    return household


async def _send(session: WriteSession, act: WalletAct, caller: Caller) -> tuple[WalletActRead, int]:
    await session.flush()
    act.request_id = await request_points(
        session,
        _movement(act),
        service=SERVICE,
        reference=str(act.id),
        asked_by=caller,
        reason=act.bank_reference or "",
        patience=PATIENCE,
    )
    await session.flush()
    return _read(act), act.request_id


def _movement(act: WalletAct) -> Movement:
    if act.kind == WalletActKind.SPENDING:
        return spending(act.member_id, _WALLET, act.amount, merchant_id=act.merchant_id)
    return load(_WALLET, act.amount, merchant_id=act.merchant_id, member_id=act.member_id)


def _new(kind: WalletActKind, member_id: int, merchant_id: str, amount: int, caller: Caller) -> WalletAct:
    return WalletAct(
        kind=kind.value,
        member_id=member_id,
        merchant_id=merchant_id,
        amount=amount,
        state=WalletActState.SENT.value,
        **asked_by(caller),
    )


async def _lock(session: WriteSession, act_id: int) -> WalletAct:
    act = await session.get(WalletAct, act_id, with_for_update=True)
    if act is None:
        raise WalletActNotFound
    return act


def _read(act: WalletAct) -> WalletActRead:
    return WalletActRead(
        id=act.id,
        kind=WalletActKind(act.kind),
        state=WalletActState(act.state),
        member_id=act.member_id,
        merchant_id=act.merchant_id,
        amount=act.amount,
        bank_reference=act.bank_reference,
        note=act.note,
        response_code=act.response_code,
        rrn=act.rrn,
        balance_after=act.balance_after,
        asked_by=act.asked_by_name,
        asked_at=act.asked_at,
        decided_by=act.decided_by_name,
        decided_at=act.decided_at,
        finished_at=act.finished_at,
    )
